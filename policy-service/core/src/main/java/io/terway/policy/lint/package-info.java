/** Finds policies that are valid and yet hardly what their author meant. */
package io.terway.policy.lint;
