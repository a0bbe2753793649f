import CLinux
import Glibc

/// What stays in memory.
public enum Memory {
  /// Each page that the process has touched, or touches later, stays: no wait for a disk in the middle of a sound.
  /// False where the system does not grant it (RLIMIT_MEMLOCK, CAP_IPC_LOCK). What was freed goes back to the system
  /// before. mlockall(2), malloc_trim(3)
  ///
  /// Pages that are never touched take no memory: without MCL_ONFAULT the stacks of all threads would.
  public static func lock() -> Bool {
    malloc_trim(0)
    return mlockall(MCL_CURRENT | MCL_FUTURE | CInt(fw_mcl_onfault)) == 0
  }
}
