# `make test-long` carries these steps out in a Debian of its own; the image itself was never built by us.
FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock requirements-build.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY fiscus ./fiscus
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
 && useradd --create-home fiscus \
 && mkdir /data && chown fiscus /data
ENV FISCUS_DATA_DIR=/data
USER fiscus
EXPOSE 8080
CMD ["fiscus", "serve", "--host", "0.0.0.0"]
