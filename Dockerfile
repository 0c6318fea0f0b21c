# syntax=docker/dockerfile:1
# Every part of Heliograph in one image: `edge`, `keeper` or `standalone` is its first argument.

# Debian 13, because uWebSockets.js' binaries for Node 22 and later need glibc 2.38.
FROM node:24-trixie-slim AS build
WORKDIR /heliograph
COPY . .
# What the compiler and the pages need goes with this stage.
RUN npm ci && npm run build

FROM node:24-trixie-slim AS packages
WORKDIR /heliograph
COPY --from=build /heliograph ./
# Only what the command depends on; of uWebSockets.js, which brings a binary for each system, the one for this.
RUN rm -rf node_modules \
  && npm ci --omit=dev --workspace services/cli \
  && find node_modules/uWebSockets.js -name '*.node' \
     ! -name "uws_linux_$(node -p process.arch)_$(node -p process.versions.modules).node" -delete \
  && rm -rf node_modules/uWebSockets.js/src node_modules/uWebSockets.js/examples node_modules/uWebSockets.js/docs \
  && find . -path ./node_modules -prune -o \( -name '*.ts' -o -name '*.tsx' -o -name '*.tsbuildinfo' \) -type f -print \
     | xargs rm -f

FROM node:24-trixie-slim
WORKDIR /heliograph
ENV NODE_ENV=production HELIOGRAPH_LISTEN_HOST=:: HELIOGRAPH_LOG_FORMAT=json
COPY --from=packages /heliograph/package.json ./
COPY --from=packages /heliograph/node_modules ./node_modules
COPY --from=packages /heliograph/libs ./libs
COPY --from=packages /heliograph/services ./services
COPY --from=packages /heliograph/test/conformance ./test/conformance
USER node
EXPOSE 8080
# Drains on SIGTERM: give it longer than `drain.deadline`, 25 s.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "services/cli/dist/main.js"]
CMD ["standalone"]
