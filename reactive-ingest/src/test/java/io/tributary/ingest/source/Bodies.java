package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.PageRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** Answers of the source as its facts describe them, to be damaged by tests. */
final class Bodies {
    static final String SEED = "abc";
    static final int SOURCE_PAGE = 2;
    static final UUID FIRST_ID = UUID.fromString("00000000-0000-4000-8000-000000000000");

    private static final String USER = """
            {"gender":"female","name":{"title":"Ms","first":"Ann","last":"آوا"},"location":{"street":{"number":9272,\
            "name":"Rue Bleue"},"city":"Lyon","state":"Rhône","country":"France","postcode":60321,"coordinates":\
            {"latitude":"-18.5642","longitude":"-104.4990"},"timezone":{"offset":"-4:00","description":"Atlantic"}},\
            "email":"ann@example.com","login":{"uuid":"%s","username":"goose1","password":"hunter2","salt":"S4lt",\
            "md5":"d41d8cd9","sha1":"da39a3ee","sha256":"e3b0c442"},"dob":{"date":"2000-10-19T09:20:17.142Z","age":26},\
            "registered":{"date":"2015-02-03T04:05:06.007Z","age":11},"phone":"01-02","cell":"06-07","id":{"name":"INSEE",\
            "value":"2NN"},"picture":{"large":"https://example.com/l.jpg","medium":"https://example.com/m.jpg",\
            "thumbnail":"https://example.com/t.jpg"},"nat":"FR"}""";

    private Bodies() {}

    static PageRequest asked(int users) {
        return new PageRequest(new UUID(1, 1), 1, users, SEED, SOURCE_PAGE, List.of(), null);
    }

    static String user(int position) {
        return USER.formatted(
                new UUID(FIRST_ID.getMostSignificantBits(), FIRST_ID.getLeastSignificantBits() + position));
    }

    static String info(int users) {
        return "{\"seed\":\"abc\",\"results\":" + users + ",\"page\":2,\"version\":\"1.4\"}";
    }

    static String page(String... users) {
        return pageWith(info(users.length), users);
    }

    static String pageWith(String info, String... users) {
        return "{\"results\":[" + String.join(",", users) + "],\"info\":" + info + "}";
    }

    static String pageOf(int users) {
        return page(IntStream.range(0, users).mapToObj(Bodies::user).toArray(String[]::new));
    }

    /** The text with one thing changed, which must be there. */
    static String changed(String text, String from, String to) {
        assertThat(text).contains(from);
        return text.replace(from, to);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** A small body that inflates to so many mebibytes. */
    static byte[] bomb(int mebibytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] spaces = new byte[1024 * 1024];
        Arrays.fill(spaces, (byte) ' ');
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            for (int i = 0; i < mebibytes; i++) {
                gzip.write(spaces);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static String repeated(String text, int times) {
        return IntStream.range(0, times).mapToObj(i -> text).collect(Collectors.joining());
    }
}
