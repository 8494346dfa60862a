package io.terway.eni.sim.action;

import io.terway.eni.sim.rpc.Fields;
import java.util.function.Function;

/**
 * One action of one product.
 *
 * @param mutates true when a success changes the cloud
 * @param token true when the action takes a ClientToken
 * @param perform answers without RequestId, or throws a {@link io.terway.eni.sim.refusal.Refusal} with nothing changed
 */
public record Action(String name, boolean mutates, boolean token, Function<Call, Fields> perform) {

    static Action read(String name, Function<Call, Fields> perform) {
        return new Action(name, false, false, perform);
    }

    static Action change(String name, Function<Call, Fields> perform) {
        return new Action(name, true, false, perform);
    }

    static Action tokenChange(String name, Function<Call, Fields> perform) {
        return new Action(name, true, true, perform);
    }
}
