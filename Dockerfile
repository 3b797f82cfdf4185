# The service alone, for use with a PostGIS server (DATABASE_URL): see docker-compose.yml.

FROM golang:1.26-bookworm AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgdal-dev libgeos-dev libproj-dev make pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN make build VERSION="$VERSION"

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates curl libgdal32 libgeos-c1v5 libproj25 proj-data tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/strukturbild --create-home strukturbild
COPY --from=build /src/bin/strukturbild /usr/local/bin/strukturbild
USER strukturbild
WORKDIR /var/lib/strukturbild
ENV STRUKTURBILD_LISTEN=:8080 STRUKTURBILD_DATA_DIR=/var/lib/strukturbild
EXPOSE 8080
VOLUME /var/lib/strukturbild
# The first start fills the database and the atlas, which may take minutes.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m --retries=3 \
  CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/readyz"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["strukturbild"]
CMD ["serve"]
