package io.terway.agent.pods;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a pod's annotations allow it to receive and to send, in bytes per second; empty: as much as there is.
 *
 * @param ingress towards the pod
 * @param egress from the pod
 */
public record Bandwidth(OptionalLong ingress, OptionalLong egress) {

    public static final Bandwidth UNLIMITED = new Bandwidth(OptionalLong.empty(), OptionalLong.empty());

    private static final String OURS = "k8s.aliyun.com/";
    private static final String KUBERNETES = "kubernetes.io/";
    private static final Pattern QUANTITY = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)(m|k|Ki|[KMGTP]i?)?");

    /** As kubelet has them: 1 kbit/s to 1 Pbit/s. */
    private static final BigDecimal LEAST_BITS = BigDecimal.valueOf(1_000);

    private static final BigDecimal MOST_BITS = BigDecimal.valueOf(1_000_000_000_000_000L);

    /**
     * Reads both families of names: {@code kubernetes.io/} counts bits, the older {@code k8s.aliyun.com/} bytes. Of both
     * the first decides.
     *
     * @throws IllegalArgumentException naming annotation, value and what it must be
     */
    public static Bandwidth of(Map<String, String> annotations) {
        return new Bandwidth(read(annotations, "ingress-bandwidth"), read(annotations, "egress-bandwidth"));
    }

    private static OptionalLong read(Map<String, String> annotations, String name) {
        Optional<OptionalLong> bits = Optional.ofNullable(annotations.get(KUBERNETES + name))
                .map(value -> bytes(KUBERNETES + name, value, 1));
        return bits.or(() ->
                        Optional.ofNullable(annotations.get(OURS + name)).map(value -> bytes(OURS + name, value, 8)))
                .orElse(OptionalLong.empty());
    }

    private static OptionalLong bytes(String annotation, String value, int bitsPerUnit) {
        Matcher matcher = QUANTITY.matcher(value.strip());
        if (matcher.matches()) {
            BigDecimal bits = new BigDecimal(matcher.group(1))
                    .multiply(factor(matcher.group(2)))
                    .multiply(BigDecimal.valueOf(bitsPerUnit));
            if (bits.compareTo(LEAST_BITS) >= 0 && bits.compareTo(MOST_BITS) <= 0) {
                return OptionalLong.of(bits.longValue() / 8);
            }
        }
        String shown = value.length() > 100 ? value.substring(0, 100) + "..." : value;
        throw new IllegalArgumentException("annotation " + annotation + " is '" + shown
                + "'; it must be a quantity such as 10M, from 1k to 1P bit/s"
                + (bitsPerUnit == 1 ? "" : " (this one is written in bytes)"));
    }

    private static BigDecimal factor(String unit) {
        if (unit == null) {
            return BigDecimal.ONE;
        }
        if (unit.equals("m")) {
            return BigDecimal.valueOf(1, 3);
        }
        int power = "KMGTP".indexOf(unit.toUpperCase(Locale.ROOT).charAt(0)) + 1;
        return BigDecimal.valueOf(unit.endsWith("i") ? 1024 : 1000).pow(power);
    }

    public boolean isUnlimited() {
        return ingress.isEmpty() && egress.isEmpty();
    }
}
