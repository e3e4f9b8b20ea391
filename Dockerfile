# The same server as `make run`, for a host of containers. Run it with the file system read-only:
#
#     docker build -t resnet-explorer .
#     docker run --rm -p 7860:7860 --read-only --tmpfs /tmp:rw,size=1g --cap-drop ALL resnet-explorer
FROM python:3.11-slim

# At most two arenas: with glibc's default of eight a core they hold 783 of 1,833 MB (docs/reliability.md).
ENV HOST=0.0.0.0 \
    PORT=7860 \
    HOME=/tmp \
    GRADIO_TEMP_DIR=/tmp/uploads \
    MALLOC_ARENA_MAX=2 \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RESNET_DEMO_WEIGHTS=bundled \
    TF_CPP_MIN_LOG_LEVEL=2

RUN useradd --system --uid 10001 --no-create-home explorer
WORKDIR /srv
COPY requirements.txt ./
RUN pip install --no-cache-dir --requirement requirements.txt
COPY app.py ./
COPY resnet_demo resnet_demo/

USER 10001
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "app.py"]
