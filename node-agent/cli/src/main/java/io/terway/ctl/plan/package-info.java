/** {@code terway-cli plan}: what a planned cluster needs of the VPC, and what runs out first. */
package io.terway.ctl.plan;
