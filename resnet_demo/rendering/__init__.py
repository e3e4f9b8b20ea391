"""How it looks: arrays to pictures, no TensorFlow and no Gradio."""
