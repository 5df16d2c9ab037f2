package io.tributary.stream;

import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventDecoder;
import io.tributary.schemas.UserEventDecoder.Undecodable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to events that can be true. One for each partition of a batch: an id that the registry does not know is asked for
 * once a second. Not for use by two threads at once.
 */
final class UserEvents {
    static final String IMPOSSIBLE = "impossible";

    /** A batch in real-time mode is long, and what was too early must not take what comes later with it. */
    private static final Duration ASK_AGAIN_AFTER = Duration.ofSeconds(1);

    private final UserEventDecoder decoder;
    private final InstantSource clock;

    private static final int MOST_REMEMBERED = 1_000;

    /** A record set aside: {@code reason} is one of few words, for counting; the message is for people and quotes nothing. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final String reason;

        Refused(String reason, @Nullable String message) {
            super(message);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }

    UserEvents(IntFunction<@Nullable Schema> writerSchemas, InstantSource clock) {
        Map<Integer, Instant> unknownUntil = new HashMap<>();
        this.decoder = new UserEventDecoder(id -> {
            Instant now = clock.instant();
            if (now.isBefore(unknownUntil.getOrDefault(id, Instant.MIN))) {
                return null;
            }
            Schema schema = writerSchemas.apply(id);
            if (schema == null) {
                if (unknownUntil.size() >= MOST_REMEMBERED) { // somebody counts ids up
                    unknownUntil.clear();
                }
                unknownUntil.put(id, now.plus(ASK_AGAIN_AFTER));
            }
            return schema;
        });
        this.clock = clock;
    }

    static String reasonOf(UserEventDecoder.Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    UserEvent read(byte @Nullable [] value) throws Refused {
        UserEvent event;
        try {
            event = decoder.decode(value);
        } catch (Undecodable e) {
            throw new Refused(reasonOf(e.reason()), e.getMessage());
        }
        Optional<String> broken = EventRules.broken(event, clock.instant());
        if (broken.isPresent()) {
            throw new Refused(IMPOSSIBLE, broken.get());
        }
        return event;
    }
}
