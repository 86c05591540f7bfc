"""A page that plays a bundle in a browser: static files, with the network computed by ONNX Runtime Web."""
