package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.rpc.Params;
import java.time.Instant;

/** One admitted call. */
public record Call(Cloud cloud, Params params, Instant now) {}
