"""How it looks: arrays to pictures, no TensorFlow and no Gradio.

Pillow, NumPy and strings; `figures` alone uses matplotlib. Functions that draw return `markup.Html`; they take their
words as a record, so that the page can be in any language, and their alternative text from the caller, who knows the
finding. `charts.css` holds every colour, in a light and a dark set; `charts.js` sorts tables and makes the charts
answer to the keyboard. A page loads both once.

    messages, error_words               the words, in both languages
    markup, number_format, axes, chart  what the charts are made of
    oklab, colormaps, pictures          arrays to colours to pictures
    compare_slider, feature_grid, block_maps
                                        pictures
    predictions, profile, waterfall, scatter, bands, curves, river, as_it_forms, block_drawing, network_strip
                                        charts
    sortable_table, heat_table          tables
    cards                               what every tab is made of
    sections, learn                     the tabs' sections, of all these
    report, site                        pages of their own: a photo's report, a static web site
    figures                             the files that `analyze` and `evaluate` write
"""
