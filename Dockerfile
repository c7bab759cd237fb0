# Two stages: packages from the hash lock, then a small image that runs as uid 10001, never as root.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/runtime.lock requirements/
RUN python -m venv /opt/remissvakt \
 && /opt/remissvakt/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY watchdog watchdog
COPY api api
COPY migrations migrations
RUN /opt/remissvakt/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index .

FROM python:3.12-slim
COPY --from=build /opt/remissvakt /opt/remissvakt
# a new named volume takes its owner from the image's folder; where there is none it would be root's
RUN useradd --system --uid 10001 remissvakt \
 && mkdir -p /data /var/lib/remissvakt && chown remissvakt /data /var/lib/remissvakt
USER 10001
ENV PATH=/opt/remissvakt/bin:$PATH REMISSVAKT_HOME=/data REMISSVAKT_CONFIG=/data/remissvakt.yaml PYTHONDONTWRITEBYTECODE=1
# /data holds configuration, secrets and (without PostgreSQL) the database; meant for `--read-only --tmpfs /tmp`
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["remissvakt"]
CMD ["serve"]
