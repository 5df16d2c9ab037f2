package io.tributary.ingest.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.tributary.ingest.model.DeadUser;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.model.PlacedUser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a page to its users, in one pass and without a tree: 5,000 users are 5.4 MB of JSON and 25 MB as a tree.
 * A pure function of its arguments, so that a replay from the stored bytes gives the same users and dead letters.
 *
 * <p>The page as a whole is accepted or refused: UTF-8 without a byte order mark, one JSON object, {@code results} an array
 * of exactly the users asked for and of the nationalities and gender asked for, {@code info} with the page, the seed and the
 * count asked for. A fault of one user makes a
 * dead letter and the others go on, see {@link UserReader}. Unknown fields are ignored, a field that comes twice is not:
 * which of two values a reader takes is a matter of the reader.
 */
public final class PageParser {
    /** A user's deepest field is at 6. */
    private static final int MAX_DEPTH = 64;

    private static final int LONGEST_LITERAL = 5; // false; half of it is a malformed one

    /** No limit by Jackson on the length of texts and numbers: a name of 1 MB is one dead letter, not a lost page. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            // NaN is no JSON, and still one user's fault only: every number that is used is checked
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final PageRequest page;
    private final JsonParser json;
    private final List<PlacedUser> users;
    private final List<DeadUser> dead = new ArrayList<>();

    private boolean hasResults;
    private boolean hasInfo;
    private int results;
    private @Nullable String version;
    private @Nullable String fault; // the first of the page, said at its end: an error member says more

    private PageParser(PageRequest page, JsonParser json) {
        this.page = page;
        this.json = json;
        this.users = new ArrayList<>(page.pageUsers());
    }

    /**
     * Reads a page.
     *
     * @param body as the source answered it, inflated
     * @throws io.tributary.ingest.model.IngestException.SourceFailed {@code TRANSIENT} on an {@code error} member, {@code
     *     REJECTED} on a body that is not the page asked for
     */
    public static ParsedPage parse(PageRequest page, byte[] body) {
        return parse(page, body, false);
    }

    /**
     * Reads a page whose end may have been lost: one that ends too early is then {@code TRANSIENT}.
     *
     * @param mayBeCut nothing but the connection's end said that this is all
     */
    static ParsedPage parse(PageRequest page, byte[] body, boolean mayBeCut) {
        if (body.length == 0) {
            throw mayBeCut ? Refusal.later("the body is empty") : Refusal.never("the body is empty");
        }
        checkEncoding(body);
        try (JsonParser json = JSON.createParser(body)) {
            return new PageParser(page, json).parse();
        } catch (StreamConstraintsException e) {
            throw Refusal.never("the JSON is nested deeper than " + MAX_DEPTH + " levels or has names without end");
        } catch (JsonProcessingException e) { // its own message may quote the body
            long at = e.getLocation().getByteOffset();
            String what = "the JSON is cut or malformed at byte " + at + " of " + body.length;
            boolean isAtEnd = e instanceof JsonEOFException || at >= body.length - LONGEST_LITERAL;
            throw mayBeCut && isAtEnd ? Refusal.later(what) : Refusal.never(what);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory can not fail", e);
        }
    }

    /** The text of the {@code error} member of a body that need not be a page, null when there is none. */
    static @Nullable String errorMember(byte[] body) {
        if (Utf8.firstMalformed(body) != Utf8.VALID) {
            return null;
        }
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                if (name.equals("error")) {
                    return errorText(json);
                }
                json.skipChildren();
            }
            return null;
        } catch (IOException e) {
            return null; // not JSON
        }
    }

    /** Jackson changes to UTF-16 or UTF-32 by a byte order mark or by zeros among the first four bytes: not here. */
    private static void checkEncoding(byte[] body) {
        for (int i = 0; i < Math.min(body.length, 4); i++) {
            if (body[i] == 0) {
                throw Refusal.never("the body is not UTF-8: a zero at byte " + i);
            }
        }
        if (body.length >= 3 && body[0] == (byte) 0xEF && body[1] == (byte) 0xBB && body[2] == (byte) 0xBF) {
            throw Refusal.never("the body begins with a byte order mark");
        }
        int malformed = Utf8.firstMalformed(body);
        if (malformed != Utf8.VALID) {
            throw Refusal.never("the body is not UTF-8: malformed at byte " + malformed);
        }
        int first = firstVisible(body);
        if (first != '{') {
            throw Refusal.never(
                    first == '<' ? "the body is HTML or XML, expected JSON" : "the body is not a JSON object");
        }
    }

    private static int firstVisible(byte[] body) {
        for (byte b : body) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return b;
            }
        }
        return ' ';
    }

    private ParsedPage parse() throws IOException {
        json.nextToken();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "results" -> results();
                case "info" -> info();
                case "error" -> throw Refusal.later("the source answered an error: " + errorText(json));
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            fault("something follows the JSON object");
        }
        if (!hasResults) {
            fault("results is missing");
        }
        if (!hasInfo) {
            fault("info is missing");
        }
        if (fault != null) {
            throw Refusal.never(fault);
        }
        return new ParsedPage(Collections.unmodifiableList(users), Collections.unmodifiableList(dead), version);
    }

    private static String errorText(JsonParser json) throws IOException {
        return json.currentToken() == JsonToken.VALUE_STRING ? Refusal.quote(json.getText()) : "(no text)";
    }

    private void results() throws IOException {
        if (hasResults) {
            fault("results comes twice");
        }
        hasResults = true;
        if (json.currentToken() != JsonToken.START_ARRAY) {
            fault("results is not an array");
            json.skipChildren();
            return;
        }
        results = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                fault("results holds something that is not an object, at position " + results);
            }
            if (fault == null && results < page.pageUsers()) {
                int before = users.size();
                new UserReader(json).read(results, users, dead);
                if (users.size() > before) {
                    expectAsAsked(users.get(before));
                }
            } else {
                json.skipChildren(); // refused in any case: only counted
            }
            results++;
        }
        if (results != page.pageUsers()) {
            fault("results holds " + results + " users, expected " + page.pageUsers());
        }
    }

    /** The source ignores a wish that it does not know, for the whole page and without a word. */
    private void expectAsAsked(PlacedUser placed) {
        String nationality = placed.user().nationality();
        if (!page.nationalities().isEmpty() && !page.nationalities().contains(nationality)) {
            fault("the user at position " + placed.position() + " is of " + nationality + ", expected one of "
                    + page.nationalities());
        }
        String gender = page.seed() == null ? page.gender() : null; // with a seed it is not asked for
        if (gender != null && !gender.equals(placed.user().gender())) {
            fault("the user at position " + placed.position() + " is not " + gender + " as asked for");
        }
    }

    private void info() throws IOException {
        if (hasInfo) {
            fault("info comes twice");
        }
        hasInfo = true;
        if (json.currentToken() != JsonToken.START_OBJECT) {
            fault("info is not an object");
            json.skipChildren();
            return;
        }
        boolean hasPage = false;
        boolean hasCount = false;
        boolean hasSeed = false;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "page" -> {
                    expect("info.page", hasPage, page.sourcePage());
                    hasPage = true;
                }
                case "results" -> {
                    expect("info.results", hasCount, page.pageUsers());
                    hasCount = true;
                }
                case "seed" -> {
                    expectSeed(hasSeed);
                    hasSeed = true;
                }
                case "version" -> {
                    version = json.currentToken() == JsonToken.VALUE_STRING ? Refusal.quote(json.getText()) : null;
                    json.skipChildren();
                }
                default -> json.skipChildren();
            }
        }
        if (!hasPage || !hasCount || !hasSeed) {
            fault("info lacks page, results or seed");
        }
    }

    private void expect(String path, boolean isRepeated, int expected) throws IOException {
        if (isRepeated) {
            fault(path + " comes twice");
        }
        boolean isExpected = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                && json.getText().equals(Integer.toString(expected));
        if (!isExpected) {
            fault(path + " is " + scalar() + ", expected " + expected);
            json.skipChildren();
        }
    }

    /** The seed comes back as it was sent; where one nationality was asked for, with two hexadecimal digits behind it. */
    private void expectSeed(boolean isRepeated) throws IOException {
        if (isRepeated) {
            fault("info.seed comes twice");
        }
        String asked = page.seed();
        if (asked == null) {
            json.skipChildren();
            return;
        }
        boolean isAsked = json.currentToken() == JsonToken.VALUE_STRING && isSeed(json.getText(), asked);
        if (!isAsked) {
            fault("info.seed is " + scalar() + ", expected " + Refusal.quote(asked));
            json.skipChildren();
        }
    }

    private boolean isSeed(String answered, String asked) {
        if (answered.equals(asked)) {
            return true;
        }
        return page.nationalities().size() == 1
                && answered.length() == asked.length() + 2
                && answered.startsWith(asked)
                && Character.digit(answered.charAt(asked.length()), 16) >= 0
                && Character.digit(answered.charAt(asked.length() + 1), 16) >= 0;
    }

    private String scalar() throws IOException {
        JsonToken token = json.currentToken();
        return token != null && token.isScalarValue() ? Refusal.quote(json.getText()) : "not a value";
    }

    private void fault(String what) {
        if (fault == null) {
            fault = what;
        }
    }
}
