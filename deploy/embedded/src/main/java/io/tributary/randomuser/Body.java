package io.tributary.randomuser;

import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * An answer's bytes as they go out.
 *
 * @param encoding Content-Encoding
 * @param tag a weak ETag over the length and a checksum
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Body(byte[] bytes, String contentType, Optional<String> encoding, String tag) {
    static Body of(byte[] plain, String contentType, boolean gzip) {
        CRC32C checksum = new CRC32C();
        checksum.update(plain);
        String tag = String.format(Locale.ROOT, "W/\"%x-%08x\"", plain.length, checksum.getValue());
        return gzip
                ? new Body(Gzip.fast(plain), contentType, Optional.of("gzip"), tag)
                : new Body(plain, contentType, Optional.empty(), tag);
    }

    Body encodedAs(byte[] newBytes, String newEncoding) {
        return new Body(newBytes, contentType, Optional.of(newEncoding), tag);
    }
}
