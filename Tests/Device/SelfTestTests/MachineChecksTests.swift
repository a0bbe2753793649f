import Testing

@testable import SelfTest

@Suite("The machine's checks")
struct MachineChecksTests {
  private func root(_ line: String) -> Check { MachineChecks.root(Mounts(line)) }

  @Test("a root that is writable on a disk is a warning; read-only, or an overlay, is none")
  func rootMount() {
    #expect(root("26 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw").state == .warning)
    #expect(root("26 1 179:2 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 ro").state == .ok)
    #expect(root("26 1 179:2 / / rw,noatime - ext4 /dev/mmcblk0p2 ro,errors=continue").state == .ok)
    #expect(root("26 1 0:22 / / rw,noatime - overlay overlayroot rw,lowerdir=/a,upperdir=/b").state == .ok)
    #expect(root("").state == .warning)
  }

  @Test("a path lies on the mount with the longest name, and of two at one place on the later")
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

  @Test("a clock that cannot be right is an error, one that nobody has set a warning")
  func clock() {
    #expect(MachineChecks.clock(seconds: 1000, isSet: true, hasBattery: true).state == .error)
    #expect(MachineChecks.clock(seconds: 5_000_000_000, isSet: true, hasBattery: true).state == .error)
    #expect(MachineChecks.clock(seconds: 1_800_000_000, isSet: true, hasBattery: false).state == .ok)
    #expect(MachineChecks.clock(seconds: 1_800_000_000, isSet: false, hasBattery: true).state == .ok)
    let unset = MachineChecks.clock(seconds: 1_800_000_000, isSet: false, hasBattery: false)
    #expect(unset.state == .warning && unset.remedy != nil)
  }

  @Test("a journal without room is an error; one in memory, or with little room, a warning")
  func journal() {
    #expect(JournalChecks.check("/j", free: 1 << 20, isInMemory: false).state == .error)
    #expect(JournalChecks.check("/j", free: 8 << 20, isInMemory: false).state == .warning)
    #expect(JournalChecks.check("/j", free: 8 << 30, isInMemory: true).state == .warning)
    #expect(JournalChecks.check("/j", free: 8 << 30, isInMemory: false).state == .ok)
    #expect(JournalChecks.check("/nowhere/at/all/journal").state == .error)
  }
}
