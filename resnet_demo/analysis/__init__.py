"""What is measured: TensorFlow and NumPy, no Gradio and no matplotlib."""
