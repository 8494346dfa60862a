package io.terway.eni.sim.serve;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.imds.Metadata;
import io.terway.eni.sim.imds.SessionTokens;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** Instance metadata over HTTP, versions 1 and 2; the source address of a connection tells which instance asks. */
final class MetadataServer {

    private static final String TTL = "X-aliyun-ecs-metadata-token-ttl-seconds";
    private static final String TOKEN = "X-aliyun-ecs-metadata-token";
    private static final String ROOT = "/latest/";

    private record Page(int status, String body) {}

    private final Twin twin;
    private final Function<String, Optional<InstanceId>> callers;
    private final SessionTokens tokens = new SessionTokens();

    MetadataServer(Twin twin, Function<String, Optional<InstanceId>> callers) {
        this.twin = twin;
        this.callers = callers;
    }

    void handle(HttpServerRequest request) {
        String source = request.remoteAddress().host();
        Page page = twin.with(desk -> caller(desk.cloud(), source)
                .map(instance -> answer(desk, request, instance, twin.now()))
                .orElseGet(() -> new Page(404, "no instance has the address " + source + "\n")));
        Answers.text(request.response(), page.status(), page.body());
    }

    private Optional<Instance> caller(Cloud cloud, String source) {
        return callers.apply(source)
                .or(() -> address(source)
                        .flatMap(cloud.enis()::holder)
                        .flatMap(cloud.enis()::find)
                        .flatMap(Eni::instance))
                .flatMap(cloud.instances()::find);
    }

    private static Optional<Ip> address(String text) {
        try {
            return Optional.of(Ip.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Page answer(Desk desk, HttpServerRequest request, Instance instance, Instant now) {
        String path = Optional.ofNullable(request.path()).orElse("/");
        return switch (request.method().name()) {
            case "PUT" -> path.equals("/latest/api/token") ? token(desk, request, instance, now) : notFound();
            case "GET" -> {
                String token = request.getHeader(TOKEN);
                if (token == null && instance.tokensRequired()) {
                    yield new Page(403, "this instance answers only requests with a metadata token\n");
                }
                if (token != null && !tokens.valid(token, instance.id(), now)) {
                    yield new Page(401, "the metadata token is unknown or expired\n");
                }
                yield item(desk, path, instance, now);
            }
            default -> new Page(405, "use GET or PUT\n");
        };
    }

    private static Page item(Desk desk, String path, Instance instance, Instant now) {
        if (path.equals("/latest") || path.equals(ROOT)) {
            return new Page(200, "dynamic/\nmeta-data/");
        }
        if (!path.startsWith(ROOT)) {
            return notFound();
        }
        return new Metadata(desk.cloud(), desk.keys())
                .get(instance, path.substring(ROOT.length()), now)
                .map(text -> new Page(200, text))
                .orElseGet(MetadataServer::notFound);
    }

    private Page token(Desk desk, HttpServerRequest request, Instance instance, Instant now) {
        if (request.getHeader("X-Forwarded-For") != null) {
            return new Page(403, "a forwarded request gets no metadata token\n");
        }
        Optional<Integer> seconds = Optional.ofNullable(request.getHeader(TTL))
                .flatMap(MetadataServer::number)
                .filter(SessionTokens::allowed);
        if (seconds.isEmpty()) {
            return new Page(400, TTL + " must be 1 to 21600\n");
        }
        String token = desk.cloud().ids().next("imds-") + desk.cloud().ids().next("");
        tokens.grant(token, instance.id(), seconds.get(), now);
        return new Page(200, token);
    }

    private static Optional<Integer> number(String text) {
        try {
            return Optional.of(Integer.valueOf(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Page notFound() {
        return new Page(404, "404 - Not Found\n");
    }
}
