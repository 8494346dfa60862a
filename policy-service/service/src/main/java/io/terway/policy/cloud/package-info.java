/** Keeps security groups in step with the policies that ask for it, through eni-manager. */
package io.terway.policy.cloud;
