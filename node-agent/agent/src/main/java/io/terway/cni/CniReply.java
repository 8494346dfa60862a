package io.terway.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;

/**
 * The answer the plugin passes on.
 *
 * @param exitCode of the plugin
 * @param output for its stdout; may be empty
 */
public record CniReply(int exitCode, byte[] output) {

    /** Success. */
    public static CniReply of(byte[] output) {
        return new CniReply(0, output);
    }

    public static CniReply empty() {
        return of(new byte[0]);
    }

    /** The specification's error object, for a call whose version is not known. */
    public static CniReply of(CniFailure failure) {
        return of(failure, CniVersion.V1_0_0);
    }

    /** The specification's error object, in the version of the call. */
    public static CniReply of(CniFailure failure, CniVersion version) {
        ObjectNode error = Json.object()
                .put("cniVersion", version.toString())
                .put("code", failure.code().number())
                .put("msg", failure.getMessage());
        return new CniReply(1, Json.bytes(error));
    }

    /** The VERSION answer. */
    public static CniReply versions() {
        ObjectNode versions = Json.object().put("cniVersion", CniVersion.V1_1_0.toString());
        CniVersion.supported().forEach(versions.withArray("supportedVersions")::add);
        return of(Json.bytes(versions));
    }

    public boolean isSuccess() {
        return exitCode == 0;
    }

    /** The bytes for the socket, ready to be read. */
    public ByteBuffer frame() {
        return ByteBuffer.allocate(8 + output.length)
                .putInt(4 + output.length)
                .putInt(exitCode)
                .put(output)
                .flip();
    }
}
