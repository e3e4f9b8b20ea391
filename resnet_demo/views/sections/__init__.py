"""The sections of page, report and site: records and words in, HTML out."""
