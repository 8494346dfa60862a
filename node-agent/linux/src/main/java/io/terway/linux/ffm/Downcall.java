package io.terway.linux.ffm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * One foreign function as it is linked. Binding classes keep theirs in a list, because a native image must know every
 * shape in advance (reachability-metadata.json, "foreign"); a test compares the two.
 *
 * @param symbol the C name
 * @param descriptor its C types, without the errno capture segment
 * @param firstVariadic index of the first variadic parameter, or {@link #FIXED}
 * @param capturesErrno whether the handle's first parameter receives errno
 */
public record Downcall(String symbol, FunctionDescriptor descriptor, int firstVariadic, boolean capturesErrno) {

    /** The function has no variadic part. */
    public static final int FIXED = -1;

    /** A function that sets errno. */
    public static Downcall errno(String symbol, FunctionDescriptor descriptor) {
        return new Downcall(symbol, descriptor, FIXED, true);
    }

    /** A function whose errno means nothing. */
    public static Downcall plain(String symbol, FunctionDescriptor descriptor) {
        return new Downcall(symbol, descriptor, FIXED, false);
    }

    /**
     * Links it.
     *
     * @throws IllegalStateException when the library has no such symbol
     */
    @SuppressWarnings("restricted")
    public MethodHandle link(SymbolLookup library) {
        MemorySegment address = library.find(symbol)
                .orElseThrow(() -> new IllegalStateException("the library has no function " + symbol));
        List<Linker.Option> options = new ArrayList<>();
        if (firstVariadic != FIXED) {
            options.add(Linker.Option.firstVariadicArg(firstVariadic));
        }
        if (capturesErrno) {
            options.add(Linker.Option.captureCallState("errno"));
        }
        return Linker.nativeLinker().downcallHandle(address, descriptor, options.toArray(Linker.Option[]::new));
    }

    /** Wraps what a method handle may throw in theory; a downcall throws only on a wrong invocation, which is a bug. */
    public static AssertionError bug(Throwable thrown) {
        return new AssertionError("a downcall was invoked with the wrong types", thrown);
    }
}
