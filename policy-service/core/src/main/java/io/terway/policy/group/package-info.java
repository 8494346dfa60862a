/**
 * Policies as security group rules: for pods with an ENI of their own whose policies ask for it. What a group cannot say
 * exactly is not said: the pods stay with the node's own enforcement.
 */
package io.terway.policy.group;
