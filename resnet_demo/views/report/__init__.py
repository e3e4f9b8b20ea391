"""A photo's report: one page that holds all of it, for a file or for a site."""

from resnet_demo.views.report.page import report

__all__ = ["report"]
