import CLinux
import Glibc

/// What stays in memory.
public enum Memory {
  /// Each page that the process has touched, or touches later, stays: no wait for a disk in the middle of a sound.
  /// False where the system does not grant it (RLIMIT_MEMLOCK, CAP_IPC_LOCK). mlockall(2)
  ///
  /// Pages that are never touched take no memory: without MCL_ONFAULT the stacks of all threads would.
  public static func lock() -> Bool { mlockall(MCL_CURRENT | MCL_FUTURE | CInt(fw_mcl_onfault)) == 0 }
}
