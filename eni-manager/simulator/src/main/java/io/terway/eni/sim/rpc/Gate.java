package io.terway.eni.sim.rpc;

import io.terway.eni.sim.refusal.ErrorCode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Lets in calls that are signed, fresh and not replayed. */
public final class Gate {

    /** How far a call's timestamp may be from the cloud's clock. */
    static final Duration WINDOW = Duration.ofMinutes(15);

    /** Nonces remembered at most; the oldest goes first. */
    static final int NONCES = 500_000;

    private record Seen(String nonce, Instant at) {}

    private final AccessKeys keys;
    private final Set<String> nonces = new HashSet<>();
    private final Deque<Seen> order = new ArrayDeque<>();
    private Duration skew = Duration.ZERO;

    public Gate(AccessKeys keys) {
        this.keys = keys;
    }

    /** How far the cloud's clock runs ahead of the true one. */
    public void skew(Duration ahead) {
        this.skew = ahead;
    }

    /** Returns the access key id of a call that may pass. */
    public String admit(WireRequest request, Params params, Instant trueNow) {
        Instant now = trueNow.plus(skew);
        return HeaderSignature.isUsedBy(request) ? admitByHeaders(request, now) : admitByQuery(request, params, now);
    }

    private String admitByQuery(WireRequest request, Params params, Instant now) {
        String signature = params.text("Signature")
                .orElseThrow(() -> ErrorCode.INCOMPLETE_SIGNATURE.refuse("The request signature is missing."));
        AccessKeys.AccessKey key = keys.require(params.required("AccessKeyId"), params.text("SecurityToken", ""), now);
        if (!params.required("SignatureMethod").equals("HMAC-SHA1")) {
            throw Params.invalid("SignatureMethod");
        }
        if (!params.required("SignatureVersion").equals("1.0")) {
            throw Params.invalid("SignatureVersion");
        }
        requireFresh(params.required("Timestamp"), now);
        String nonce = params.required("SignatureNonce");
        String signed = Signature.stringToSign(request.method(), params.all());
        if (!Signature.matches(Signature.sign(key.secret(), signed), signature)) {
            // The Java SDK tells a wrong secret from a wrong string by this exact ending.
            throw ErrorCode.SIGNATURE_MISMATCH.refuse(
                    "%s",
                    "Specified signature is not matched with our calculation. server string to sign is:" + signed);
        }
        spend(key.id() + "\n" + nonce, now);
        return key.id();
    }

    private String admitByHeaders(WireRequest request, Instant now) {
        HeaderSignature signature = HeaderSignature.of(request);
        AccessKeys.AccessKey key = keys.require(signature.keyId(), request.header("x-acs-security-token"), now);
        requireFresh(request.header("x-acs-date"), now);
        String nonce = request.header("x-acs-signature-nonce");
        if (nonce.isEmpty()) {
            throw Params.missing("x-acs-signature-nonce");
        }
        signature.require(request, key.secret());
        spend(key.id() + "\n" + nonce, now);
        return key.id();
    }

    private static void requireFresh(String timestamp, Instant now) {
        Instant stamped;
        try {
            stamped = Instant.parse(timestamp);
        } catch (DateTimeException e) {
            throw ErrorCode.TIMESTAMP_ILLEGAL.refuse("The input parameter \"Timestamp\" is not yyyy-MM-ddTHH:mm:ssZ.");
        }
        if (stamped.isBefore(now.minus(WINDOW)) || stamped.isAfter(now.plus(WINDOW))) {
            throw ErrorCode.TIMESTAMP_EXPIRED.refuse("Specified time stamp or date value is expired.");
        }
    }

    private void spend(String nonce, Instant now) {
        while (!order.isEmpty()
                && (order.size() >= NONCES || order.peekFirst().at().isBefore(now.minus(WINDOW.multipliedBy(2))))) {
            nonces.remove(order.removeFirst().nonce());
        }
        if (!nonces.add(nonce)) {
            throw ErrorCode.NONCE_USED.refuse("The request signature nonce has been used.");
        }
        order.addLast(new Seen(nonce, now));
    }
}
