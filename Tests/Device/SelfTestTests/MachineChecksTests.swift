import Diagnostics
import Testing

@testable import SelfTest

@Suite("The machine's checks")
struct MachineChecksTests {
  private func root(_ line: String) -> Diagnostic { MachineChecks.root(Mounts(line)) }

  @Test("a writable root on a disk is a warning; a read-only root or an overlay is not")
  func rootMount() {
    #expect(root("26 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw").severity == .warning)
    #expect(root("26 1 179:2 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 ro").severity == .note)
    #expect(root("26 1 179:2 / / rw,noatime - ext4 /dev/mmcblk0p2 ro,errors=continue").severity == .note)
    #expect(root("26 1 0:22 / / rw,noatime - overlay overlayroot rw,lowerdir=/a,upperdir=/b").severity == .note)
    #expect(root("").severity == .warning)
  }

  @Test("the mount of a path has the longest mount point; of two with the same, it is the later")
  func places() {
    let mounts = Mounts(
      """
      1 0 8:1 / / rw - ext4 /dev/sda1 rw
      2 1 0:5 / /var rw shared:3 master:4 - tmpfs tmpfs rw
      3 2 8:2 / /var/lib/first\\040word rw - ext4 /dev/sda2 rw
      4 1 8:3 / /srv rw - ext4 /dev/sda3 rw
      5 1 8:4 / /srv ro - squashfs /dev/sda4 ro
      nonsense
      """)
    #expect(mounts.mount(of: "/etc")?.kind == "ext4")
    #expect(mounts.mount(of: "/var/log")?.kind == "tmpfs")
    #expect(mounts.mount(of: "/variable")?.point == "/")
    #expect(mounts.mount(of: "/var/lib/first word/journal")?.kind == "ext4")
    #expect(mounts.mount(of: "/srv")?.isReadOnly == true)
  }

  @Test("an implausible clock is an error; a clock that was not set is a warning")
  func clock() {
    #expect(MachineChecks.clock(seconds: 1000, isSet: true, hasBattery: true).severity == .error)
    #expect(MachineChecks.clock(seconds: 5_000_000_000, isSet: true, hasBattery: true).severity == .error)
    #expect(MachineChecks.clock(seconds: 1_800_000_000, isSet: true, hasBattery: false).severity == .note)
    #expect(MachineChecks.clock(seconds: 1_800_000_000, isSet: false, hasBattery: true).severity == .note)
    let unset = MachineChecks.clock(seconds: 1_800_000_000, isSet: false, hasBattery: false)
    #expect(unset.severity == .warning && unset.remedy != nil)
  }

  @Test("a journal without free space is an error; in memory, or with little space, it is a warning")
  func journal() {
    #expect(JournalChecks.check("/j", free: 1 << 20, isInMemory: false).severity == .error)
    #expect(JournalChecks.check("/j", free: 8 << 20, isInMemory: false).severity == .warning)
    #expect(JournalChecks.check("/j", free: 8 << 30, isInMemory: true).severity == .warning)
    #expect(JournalChecks.check("/j", free: 8 << 30, isInMemory: false).severity == .note)
    #expect(JournalChecks.check("/nowhere/at/all/journal").severity == .error)
  }
}
