package io.tributary.ingest.source.pace;

import io.tributary.ingest.source.pace.SharedPace.Learned;
import java.time.Duration;

/** Who looks on while a source is paced. Called on any thread; must not wait. */
public interface PaceListener {
    /** The source refused a request for its quota. */
    void refused();

    /** This instance asks for nothing for so long. */
    void paused(Duration time);

    /** What is known of the quota now. */
    void learned(Learned quota);

    /** How many requests this instance sends at once now. */
    void concurrency(int requests);

    /** Nobody. */
    PaceListener NONE = new PaceListener() {
        @Override
        public void refused() {}

        @Override
        public void paused(Duration time) {}

        @Override
        public void learned(Learned quota) {}

        @Override
        public void concurrency(int requests) {}
    };
}
