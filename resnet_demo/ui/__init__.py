"""Where it is shown: the page and the API, by Gradio."""
