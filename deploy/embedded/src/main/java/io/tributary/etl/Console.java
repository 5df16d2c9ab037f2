package io.tributary.etl;

import java.util.List;
import java.util.Optional;
import org.jline.utils.AttributedString;

/** Standard error: lines that stay and, on a terminal, a few at the bottom that are drawn anew in place. Thread-safe. */
interface Console extends AutoCloseable {
    /** What is drawn in place; asked a few times a second by a thread of the console. */
    interface View {
        /**
         * Draws it as it stands.
         *
         * @param columns room in a line; what is longer is cut off
         * @param fancy whether letters outside ASCII can be shown
         */
        List<AttributedString> lines(int columns, boolean fancy);
    }

    /** Writes a line that stays. */
    void say(String line);

    /** Draws this at the bottom from now on, or nothing; ignored where nothing can be drawn in place. */
    void show(Optional<View> view);

    /** Whether lines can be drawn in place. */
    boolean isLive();

    /** From now on only {@link #lastWord} is heard: what fails because everything is being ended is no news. */
    void hush();

    /** Writes a line in spite of {@link #hush}. */
    void lastWord(String line);

    @Override
    void close();

    /** A terminal's console where standard error is one that can move its cursor, otherwise a plain one. */
    static Console open() {
        return LiveConsole.open().<Console>map(live -> live).orElseGet(() -> new PlainConsole(System.err));
    }
}
