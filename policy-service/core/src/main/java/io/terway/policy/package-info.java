/**
 * NetworkPolicy as values: selectors, rules, the slow obvious evaluator, and the compiler that must agree with it.
 * Pure: a cluster goes in, verdicts or programs come out.
 */
package io.terway.policy;
