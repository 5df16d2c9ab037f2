package io.tributary.ingest;

import java.util.Locale;
import java.util.stream.Stream;

/** One call of a worker to the outside that fails once, before or after its effect. Its text is read back by {@link #of}. */
public record Failpoint(Call call, boolean after, Action action) {
    public enum Call {
        LEASE,
        FETCH,
        CAPTURE,
        READ_BACK,
        STORE,
        PUBLISH,
        COMPLETE,
        RENEW,
        GIVE_BACK
    }

    public enum Action {
        /** As a kill -9: nothing of this worker happens any more. */
        HALT,
        /** As a SIGSTOP that outlasts the lease: what is on its way comes when the page may be another's. */
        PAUSE,
        THROW
    }

    public static Stream<Failpoint> all() {
        return Stream.of(Call.values())
                .flatMap(call -> Stream.of(Action.values())
                        .flatMap(action -> Stream.of(false, true).map(after -> new Failpoint(call, after, action))));
    }

    public static Failpoint of(String text) {
        String[] words = text.strip().toUpperCase(Locale.ROOT).split(" ");
        return new Failpoint(Call.valueOf(words[2]), words[1].equals("AFTER"), Action.valueOf(words[0]));
    }

    @Override
    public String toString() {
        return action + (after ? " after " : " before ") + call;
    }
}
