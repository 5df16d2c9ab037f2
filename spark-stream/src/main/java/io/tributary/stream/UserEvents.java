package io.tributary.stream;

import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventDecoder;
import io.tributary.schemas.UserEventDecoder.Undecodable;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to events that can be true. One for each partition of a batch: an id that the registry does not know is asked for
 * once in its life. Not for use by two threads at once.
 */
final class UserEvents {
    static final String IMPOSSIBLE = "impossible";

    private final UserEventDecoder decoder;
    private final InstantSource clock;

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
        Set<Integer> unknown = new HashSet<>();
        this.decoder = new UserEventDecoder(id -> {
            Schema schema = unknown.contains(id) ? null : writerSchemas.apply(id);
            if (schema == null) {
                unknown.add(id);
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
