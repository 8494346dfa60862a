package io.terway.linux.nft;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.terway.linux.ffm.Downcall;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/** libnftables.so.1, linked. A context belongs to one thread. */
final class NftLibrary {

    private static final String NAME = "libnftables.so.1";

    private static final Downcall NEW = Downcall.plain("nft_ctx_new", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final Downcall FREE = Downcall.plain("nft_ctx_free", FunctionDescriptor.ofVoid(ADDRESS));
    private static final Downcall BUFFER_OUTPUT =
            Downcall.plain("nft_ctx_buffer_output", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final Downcall BUFFER_ERROR =
            Downcall.plain("nft_ctx_buffer_error", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final Downcall OUTPUT =
            Downcall.plain("nft_ctx_get_output_buffer", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final Downcall ERROR =
            Downcall.plain("nft_ctx_get_error_buffer", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final Downcall RUN =
            Downcall.plain("nft_run_cmd_from_buffer", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

    private static final Downcall OUTPUT_FLAGS =
            Downcall.plain("nft_ctx_output_set_flags", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT));

    private static final int OUTPUT_JSON = 1 << 4;

    /** Protocols as numbers: their names come from /etc/protocols, which a small image does not have. */
    private static final int OUTPUT_NUMERIC_PROTOCOL = 1 << 7;

    /** Rules without counters, sets without elements, numbers for names: the same text for the same rules. */
    private static final int OUTPUT_OF_RULES = 1 << 2 | 0xf << 7 | 1 << 11;

    private final MethodHandle create;
    private final MethodHandle free;
    private final MethodHandle bufferOutput;
    private final MethodHandle bufferError;
    private final MethodHandle output;
    private final MethodHandle error;
    private final MethodHandle run;
    private final MethodHandle outputFlags;

    private NftLibrary(SymbolLookup library) {
        create = NEW.link(library);
        free = FREE.link(library);
        bufferOutput = BUFFER_OUTPUT.link(library);
        bufferError = BUFFER_ERROR.link(library);
        output = OUTPUT.link(library);
        error = ERROR.link(library);
        run = RUN.link(library);
        outputFlags = OUTPUT_FLAGS.link(library);
    }

    /** Every function linked here, for the native image's metadata. */
    static List<Downcall> downcalls() {
        return List.of(NEW, FREE, BUFFER_OUTPUT, BUFFER_ERROR, OUTPUT, ERROR, RUN, OUTPUT_FLAGS);
    }

    /** Linked once, at the first use. */
    private static final class Shared {
        private static final Optional<NftLibrary> LIBRARY = load();
    }

    /** The library. */
    static NftLibrary shared() {
        return Shared.LIBRARY.orElseThrow(
                () -> new IllegalStateException("libnftables.so.1 is not installed; install libnftables1 or nftables"));
    }

    /** Loads the library; empty when this machine has none. */
    @SuppressWarnings("restricted")
    static Optional<NftLibrary> load() {
        SymbolLookup library;
        try {
            library = SymbolLookup.libraryLookup(NAME, Arena.global());
        } catch (IllegalArgumentException absent) {
            return Optional.empty();
        }
        return Optional.of(new NftLibrary(library));
    }

    /** A context whose netlink socket lives in the calling thread's namespace. */
    MemorySegment create() {
        try {
            MemorySegment context = (MemorySegment) create.invokeExact(0);
            int ignoredOutput = (int) bufferOutput.invokeExact(context);
            int ignoredError = (int) bufferError.invokeExact(context);
            return context;
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    NftResult run(MemorySegment context, String commands) {
        try (Arena arena = Arena.ofConfined()) {
            int code = (int) run.invokeExact(context, arena.allocateFrom(commands));
            String said = text((MemorySegment) output.invokeExact(context));
            String refused = text((MemorySegment) error.invokeExact(context));
            return code == 0 ? new NftResult.Applied(said) : new NftResult.Rejected(refused.strip());
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /**
     * The rules of the context's namespace as text.
     *
     * @param most refused when they are more bytes
     */
    NftResult rules(MemorySegment context, int most) {
        try (Arena arena = Arena.ofConfined()) {
            outputFlags.invokeExact(context, OUTPUT_OF_RULES);
            int code = (int) run.invokeExact(context, arena.allocateFrom("list ruleset"));
            String said = text((MemorySegment) output.invokeExact(context), most);
            return code == 0
                    ? new NftResult.Applied(said)
                    : new NftResult.Rejected(text((MemorySegment) error.invokeExact(context), most)
                            .strip());
        } catch (IndexOutOfBoundsException _) {
            return new NftResult.Rejected("the rules are more than " + most + " bytes of text");
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Chooses between text and JSON for later output, and for later commands. */
    void json(MemorySegment context, boolean json) {
        try {
            outputFlags.invokeExact(context, json ? OUTPUT_JSON | OUTPUT_NUMERIC_PROTOCOL : 0);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    void free(MemorySegment context) {
        try {
            free.invokeExact(context);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    private static String text(MemorySegment string) {
        return text(string, Long.MAX_VALUE);
    }

    /** @throws IndexOutOfBoundsException when it does not end within {@code most} bytes */
    @SuppressWarnings("restricted")
    private static String text(MemorySegment string, long most) {
        return string.equals(MemorySegment.NULL) ? "" : string.reinterpret(most).getString(0);
    }
}
