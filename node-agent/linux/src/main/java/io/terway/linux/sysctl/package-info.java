/** Kernel parameters under /proc/sys. */
package io.terway.linux.sysctl;
