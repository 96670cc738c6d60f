# The static program in an image with nothing but certificates and busybox (for the loop of contrib/compose.yml).
FROM rust:1-alpine AS build
RUN apk add --no-cache build-base cmake perl
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM busybox:1-musl
COPY --from=build /src/target/release/feedloom /feedloom
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN mkdir -p /data /etc/feedloom && chown 65532:65532 /data
USER 65532:65532
VOLUME /data
ENTRYPOINT ["/feedloom", "--config", "/etc/feedloom/feeds.toml"]
CMD ["run"]
