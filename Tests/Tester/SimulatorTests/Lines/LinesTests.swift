import Glibc
import Posix
import Simulator
import TestSupport
import Testing

/// Milliseconds after which a wait fails; everything expected happens long before.
let longEnough = 20_000

@Suite("Mounted lines", .enabled(if: linesCanBeMounted))
struct MountedLines {
  @Test("The tree has the chip of a Raspberry Pi, and no line until one is exported")
  func tree() throws {
    let rig = try LinesRig()
    #expect(try Files.list(rig.lines.directory) == ["drive", "gpio"])
    #expect(try Files.list(rig.gpio) == ["export", "gpiochip512", "unexport"])
    #expect(try rig.text(rig.gpio + "/gpiochip512/label") == "pinctrl-bcm2711\n")
    #expect(try rig.text(rig.gpio + "/gpiochip512/base") == "512\n")
    #expect(try rig.text(rig.gpio + "/gpiochip512/ngpio") == "58\n")
    try rig.export(5)
    #expect(try Files.list(rig.gpio) == ["export", "gpio517", "gpiochip512", "unexport"])
    #expect(try Files.list(rig.gpio + "/gpio517") == ["active_low", "direction", "edge", "value"])
    try rig.unexport(5)
    #expect(try Files.list(rig.gpio) == ["export", "gpiochip512", "unexport"])
    #expect(!Files.exists(rig.path(5, "value")))
  }

  @Test("A second export is busy; garbage and numbers outside the chip are invalid")
  func exportRefusals() throws {
    let rig = try LinesRig(LinesConfiguration(inUse: [7]))
    let export = rig.gpio + "/export"
    let unexport = rig.gpio + "/unexport"
    #expect(rig.refusal(of: "517", export) == 0)
    #expect(rig.refusal(of: "517\n", export) == EBUSY)
    #expect(rig.refusal(of: "519", export) == EBUSY)
    for garbage in ["x", "5x", "5 ", "511", "570", "-1", "99999999999999999999", "517\n\n"] {
      #expect(rig.refusal(of: garbage, export) == EINVAL, "\(garbage)")
      #expect(rig.refusal(of: garbage, unexport) == EINVAL, "\(garbage)")
    }
    #expect(rig.refusal(of: "518", unexport) == EINVAL)
    #expect(rig.refusal(of: "0x205", unexport) == 0)
    #expect(rig.refusal(of: "517", unexport) == EINVAL)
  }

  @Test("No program creates, removes or renames files, or reads export, not even root")
  func noOtherFiles() throws {
    let rig = try LinesRig()
    #expect(rig.refusal(of: "x", rig.gpio + "/new") == EACCES)
    #expect(mkdir(rig.gpio + "/new", 0o755) == -1 && errno == EPERM)
    #expect(unlink(rig.gpio + "/export") == -1 && errno == EPERM)
    #expect(rename(rig.gpio + "/export", rig.gpio + "/new") == -1 && errno == EPERM)
    #expect(throws: SystemError("open", path: rig.gpio + "/export", code: EACCES)) {
      try rig.text(rig.gpio + "/export")
    }
    #expect(rig.refusal(of: "1", rig.gpio + "/gpiochip512/base") == EACCES)
    #expect(truncate(rig.gpio + "/export", 0) == 0)
    #expect(chmod(rig.gpio + "/export", 0o220) == 0, "as udev does")
    #expect(chown(rig.gpio + "/export", 0, 0) == 0)
  }

  @Test("A value follows the line's level, with read and with pread, in several open files")
  func value() throws {
    let rig = try LinesRig()
    try rig.export(5)
    let first = try FileDescriptor(opening: rig.path(5, "value"), O_RDONLY)
    let second = try FileDescriptor(opening: rig.path(5, "value"), O_RDONLY)
    #expect(try first.read(atMost: 16) == Array("1\n".utf8))
    #expect(try first.read(atMost: 16) == [])
    try rig.put("0\n", rig.lines.directory + "/drive/5")
    lseek(first.raw, 0, SEEK_SET)
    #expect(try first.read(atMost: 1) == Array("0".utf8))
    #expect(try first.read(atMost: 1) == Array("\n".utf8))
    #expect(try second.read(2, at: 0) == Array("0\n".utf8))
    try rig.put("1", rig.lines.directory + "/drive/5")
    #expect(try second.read(2, at: 0) == Array("1\n".utf8))
    #expect(try rig.text(rig.lines.directory + "/drive/5") == "1\n")
    #expect(rig.refusal(of: "0", rig.path(5, "value")) == EPERM)
  }

  @Test("poll returns once for each unread event, in each open file")
  func events() throws {
    let rig = try LinesRig()
    try rig.export(5)
    try rig.put("both", rig.path(5, "edge"))
    let first = try FileDescriptor(opening: rig.path(5, "value"), O_RDONLY)
    let second = try FileDescriptor(opening: rig.path(5, "value"), O_RDONLY)
    #expect(try answer(first.raw) == POLLPRI | POLLERR, "before any read it returns at once")
    _ = try first.byte(at: 0)
    #expect(try answer(first.raw) == 0)
    #expect(try answer(first.raw, for: POLLIN | POLLOUT) == POLLIN | POLLOUT)
    _ = try second.byte(at: 0)

    try rig.lines.drive(5, .low, .high, .low)
    #expect(try answer(first.raw) == POLLPRI | POLLERR)
    #expect(try answer(first.raw) == POLLPRI | POLLERR, "poll does not clear the event")
    _ = try first.byte(at: 0)
    #expect(try answer(first.raw) == 0, "many edges are one event")
    #expect(try answer(second.raw) == POLLPRI | POLLERR, "the other file has its own event")
    _ = try second.byte(at: 0)
    #expect(try answer(second.raw) == 0)
    try rig.lines.drive(5, .low)
    #expect(try answer(first.raw) == 0, "the same level is no edge")
  }

  @Test("A driven edge wakes a thread in poll, every time")
  func wakes() throws {
    let rig = try LinesRig()
    try rig.export(5)
    try rig.put("both", rig.path(5, "edge"))
    let value = try FileDescriptor(opening: rig.path(5, "value"), O_RDONLY)
    _ = try value.byte(at: 0)
    for round in 0..<20 {
      let thread = BackgroundThread { try rig.lines.drive(5, round % 2 == 0 ? .low : .high) }
      #expect(try answer(value.raw, within: longEnough) == POLLPRI | POLLERR)
      try thread.finish()
      #expect(try value.byte(at: 0) == UInt8(ascii: round % 2 == 0 ? "0" : "1"))
    }
  }

  @Test("A shell can drive a line and read a program's LED")
  func shell() throws {
    let rig = try LinesRig()
    try rig.export(5)
    try rig.export(6)
    let drives = rig.lines.directory + "/drive"
    #expect(system("echo 0 > \(drives)/5 && test $(cat \(rig.path(5, "value"))) = 0") == 0)
    #expect(system("printf 0101 > \(drives)/5 && test $(cat \(rig.path(5, "value"))) = 1") == 0)
    #expect(system("echo high > \(rig.path(6, "direction")) && test $(cat \(drives)/6) = 1") == 0)
    #expect(system("echo 0 > \(rig.path(6, "value")) && test $(cat \(drives)/6) = 0") == 0)
    #expect(system("echo 2 > \(drives)/5 2> /dev/null") != 0)
    #expect(try rig.lines.level(of: 6) == .low)
  }

  @Test("A change of an output wakes a thread that polls its drive file")
  func ledWakes() throws {
    let rig = try LinesRig()
    try rig.export(6)
    try rig.put("low", rig.path(6, "direction"))
    let wire = try FileDescriptor(opening: rig.lines.directory + "/drive/6", O_RDONLY)
    #expect(try wire.byte(at: 0) == UInt8(ascii: "0"))
    #expect(try answer(wire.raw) == 0)
    let value = rig.path(6, "value")
    let thread = BackgroundThread { try FileDescriptor(opening: value, O_WRONLY).write("1".utf8) }
    #expect(try answer(wire.raw, within: longEnough) & POLLPRI != 0)
    try thread.finish()
    #expect(try wire.byte(at: 0) == UInt8(ascii: "1"))
  }

  @Test("An open file of an unexported line returns ENODEV, also after a new export")
  func unexportedWhileOpen() throws {
    let rig = try LinesRig()
    try rig.export(5)
    let value = try FileDescriptor(opening: rig.path(5, "value"), O_RDONLY)
    _ = try value.byte(at: 0)
    try rig.unexport(5)
    #expect(throws: SystemError("read", code: ENODEV)) { try value.byte(at: 0) }
    #expect(try answer(value.raw) == POLLPRI | POLLERR)
    try rig.export(5)
    #expect(throws: SystemError("read", code: ENODEV)) { try value.byte(at: 0) }
    #expect(try rig.text(rig.path(5, "value")) == "1\n")
  }

  @Test("A line without interrupts has no edge file")
  func withoutEdge() throws {
    let rig = try LinesRig(LinesConfiguration(withoutEdge: [6]))
    try rig.export(6)
    #expect(try Files.list(rig.gpio + "/gpio518") == ["active_low", "direction", "value"])
    #expect(!Files.exists(rig.path(6, "edge")))
  }

  @Test("Files of a new export are refused for the configured time")
  func unreadable() throws {
    let rig = try LinesRig(LinesConfiguration(unreadable: 3_600_000))
    try rig.export(5)
    #expect(throws: SystemError("open", path: rig.path(5, "value"), code: EACCES)) {
      try rig.text(rig.path(5, "value"))
    }
  }

  @Test("A directory in use, a file and a served mount are refused with a remedy")
  func badPlaces() throws {
    let directory = try LinesRig.newDirectory()
    defer { rmdir(directory) }
    try Files.create(directory + "/mine", with: [])
    #expect(throws: LinesError.notEmpty(path: directory)) { try Lines.start(mountedAt: directory) }
    #expect(Files.exists(directory + "/mine"))
    #expect(throws: LinesError.self) { try Lines.start(mountedAt: directory + "/mine") }
    unlink(directory + "/mine")
    let lines = try Lines.start(mountedAt: directory)
    #expect(throws: LinesError.taken(path: directory)) { try Lines.start(mountedAt: directory) }
    lines.unmount()
    #expect(throws: LinesError.ended(path: lines.directory)) { try lines.drive(1, .low) }
    #expect(throws: LinesError.configuration("the number of lines is 0, it must be 1 to 1024")) {
      try Lines.start(mountedAt: directory, LinesConfiguration(count: 0))
    }
  }

  @Test("A missing directory is created, and removed with the lines")
  func madeDirectory() throws {
    let directory = try LinesRig.newDirectory()
    defer { rmdir(directory) }
    do {
      let lines = try Lines.start(mountedAt: directory + "/here")
      #expect(try Files.list(lines.directory) == ["drive", "gpio"])
    }
    #expect(try Files.list(directory) == [], "releasing the value unmounts")
  }

  @Test("Files that are open at the unmount return an error and do not block it")
  func openAtUnmount() throws {
    let directory = try LinesRig.newDirectory()
    let lines = try Lines.start(mountedAt: directory)
    try FileDescriptor(opening: lines.gpioRoot + "/export", O_WRONLY).write("517".utf8)
    let value = try FileDescriptor(opening: lines.gpioRoot + "/gpio517/value", O_RDONLY)
    _ = try value.byte(at: 0)
    let thread = BackgroundThread { lines.unmount() }
    #expect(try answer(value.raw, within: longEnough) & POLLERR != 0, "a poll is woken")
    try thread.finish()
    #expect(throws: SystemError.self) { try value.byte(at: 0) }
    #expect(rmdir(directory) == 0)
  }

  @Test("An unmount by another program is noticed")
  func unmountedFromOutside() throws {
    let rig = try LinesRig()
    let descriptor = try #require(rig.lines.endDescriptor)
    #expect(try answer(descriptor, for: POLLIN) == 0)
    #expect(umount2(rig.lines.directory, 0) == 0)
    #expect(try answer(descriptor, within: longEnough, for: POLLIN) == POLLIN)
  }

  @Test("A hundred mounts and unmounts leave no descriptor open")
  func manyMounts() throws {
    let directory = try LinesRig.newDirectory()
    let before = try Files.list("/proc/self/fd").count
    for _ in 0..<100 {
      let lines = try Lines.start(mountedAt: directory)
      #expect(Files.exists(lines.gpioRoot + "/export"))
      lines.unmount()
    }
    // Other tests open files meanwhile; a leak would be hundreds of descriptors.
    #expect(try Files.list("/proc/self/fd").count < before + 50)
    #expect(rmdir(directory) == 0)
  }
}
