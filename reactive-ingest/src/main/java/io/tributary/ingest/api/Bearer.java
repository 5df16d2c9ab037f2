package io.tributary.ingest.api;

import io.tributary.schemas.BadConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.openapi.contract.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a request pass whose bearer token (RFC 6750) has a scope that the operation's {@code security} names. The token file
 * is looked at every {@code REREAD}; when it can not be used, the tokens that were known stay valid.
 */
final class Bearer implements Guard {
    static final String SCHEME = "bearer";
    static final Duration REREAD = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Bearer.class);
    private static final Pattern CREDENTIALS = Pattern.compile("(?i:bearer) +(\\S+) *");

    private final Supplier<AccessTokens> read;
    private volatile AccessTokens known;

    /** Reads the tokens at once; throws {@link BadConfig} when it can not. */
    Bearer(Supplier<AccessTokens> read) {
        this.read = read;
        this.known = read.get();
    }

    /** Until what it returns is run. */
    Runnable rereadOn(Vertx vertx, Duration every) {
        long timer = vertx.setPeriodic(
                every.toMillis(),
                tick -> vertx.executeBlocking(() -> {
                    reread();
                    return null;
                }));
        return () -> vertx.cancelTimer(timer);
    }

    void reread() {
        try {
            known = read.get();
        } catch (BadConfig e) {
            LOG.error("event=tokens-not-read cause={}", e.getMessage());
        }
    }

    @Override
    public void admit(HttpServerRequest request, Operation operation) {
        List<String> needed = operation.getSecurityRequirements().stream()
                .flatMap(requirement -> requirement.getScopes(SCHEME).stream())
                .toList();
        if (needed.isEmpty()) {
            return;
        }
        List<String> headers = request.headers().getAll(HttpHeaders.AUTHORIZATION);
        Set<Scope> granted = (headers.size() == 1 ? granted(headers.get(0)) : Optional.<Set<Scope>>empty())
                .orElseThrow(Problem::unauthorized);
        if (granted.stream().map(Scope::toString).noneMatch(needed::contains)) {
            throw Problem.forbidden(String.join(" or ", needed));
        }
    }

    /** For tests. */
    boolean knows(String token) {
        return known.scopes(token).isPresent();
    }

    private Optional<Set<Scope>> granted(String header) {
        Matcher credentials = CREDENTIALS.matcher(header);
        return credentials.matches() ? known.scopes(credentials.group(1)) : Optional.empty();
    }
}
