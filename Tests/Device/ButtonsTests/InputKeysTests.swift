import Board
import CLinux
import Glibc
import Posix
import Testing

@testable import Buttons

/// The reader of an input device without grabbing and queries: a FIFO gives the kernel's records.
@Suite("Keys of an input device")
struct InputKeysByRecords {
  private static let star: UInt16 = 55
  private static let one: UInt16 = 79
  private static let keys = [
    Board.Key(code: 55, button: .star), Board.Key(code: 79, button: .digit(1), hold: .control(.again)),
  ]

  /// A directory with a FIFO in place of a device.
  private final class Pad {
    let directory: String
    var path: String { directory + "/event7" }
    private(set) var peer: Peer?

    init() throws {
      var name = Array("/tmp/firstword-input-XXXXXX".utf8CString)
      guard mkdtemp(&name) != nil else { throw SystemError("mkdtemp", code: errno) }
      directory = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
      unplug()
      rmdir(directory)
    }

    func plug() throws {
      try posix("mkfifo", path: path) { mkfifo(path, 0o600) }
      // Both ends, so that it opens without a reader.
      peer = Peer(owning: try posix("open", path: path) { open(path, O_RDWR | O_CLOEXEC) })
    }

    func unplug() {
      peer?.hangUp()
      peer = nil
      unlink(path)
    }

    func key(_ code: UInt16, _ value: Int32) throws {
      try send(UInt16(EV_KEY), code, value)
      try send(UInt16(EV_SYN), UInt16(SYN_REPORT), 0)
    }

    func send(_ type: UInt16, _ code: UInt16, _ value: Int32) throws {
      var event = input_event()
      event.type = type
      event.code = code
      event.value = value
      try peer?.write(event)
    }

    func panel(
      device: String? = nil, name: String? = nil, _ paths: KernelPaths = KernelPaths()
    ) throws -> ButtonPanel {
      let device = device ?? (name == nil ? path : nil)
      let input = Board.Input(device: device, name: name, keys: InputKeysByRecords.keys)
      return try ButtonPanel(ButtonConfiguration(lines: [], inputs: [input], paths: paths), now: at(0))
    }
  }

  private func turn(_ buttons: ButtonPanel, _ now: Int) throws -> [String] {
    var poll = Poll()
    buttons.register(in: &poll)
    try poll.wait(until: .now)
    return buttons.events(after: poll, now: at(now)).map {
      "\($0.kind.mark)\($0.index)@\($0.time.nanoseconds / 1_000_000)"
    }
  }

  @Test("keys that are buttons are reported; other keys and the keyboard's repeats are not")
  func keys() throws {
    let pad = try Pad()
    try pad.plug()
    let buttons = try pad.panel()
    #expect(buttons.access == [.input, .input])
    #expect(buttons.takeChanges() == [DeviceChange(input: 0, error: nil)])
    #expect(buttons.deadline == nil, "idle: nothing wakes the loop")
    try pad.key(Self.one, 1)
    for _ in 0..<5 { try pad.key(Self.one, 2) }
    try pad.key(30, 1)
    try pad.key(Self.star, 1)
    #expect(try turn(buttons, 100) == ["+1@100", "+0@100"])
    try pad.key(Self.star, 0)
    try pad.key(Self.one, 0)
    #expect(try turn(buttons, 200) == ["-0@200", "-1@200"])
  }

  @Test("a hold of a key is reported")
  func longPress() throws {
    let pad = try Pad()
    try pad.plug()
    let buttons = try pad.panel()
    try pad.key(Self.one, 1)
    #expect(try turn(buttons, 100) == ["+1@100"])
    #expect(try turn(buttons, 120) == [])
    #expect(buttons.deadline == at(900))
    #expect(try turn(buttons, 900) == ["=1@900"])
  }

  @Test("unplugged while a key is down: the key is released, the loss is reported once, and the device is found again")
  func unplugged() throws {
    let pad = try Pad()
    try pad.plug()
    let buttons = try pad.panel()
    _ = buttons.takeChanges()
    try pad.key(Self.one, 1)
    #expect(try turn(buttons, 100) == ["+1@100"])
    _ = try turn(buttons, 120)
    pad.unplug()
    #expect(try turn(buttons, 200) == ["-1@200"])
    let change = try #require(buttons.takeChanges().first)
    #expect(change.error?.description.contains("plug it in") == true)
    for now in [700, 1200, 1700] { #expect(try turn(buttons, now) == []) }
    #expect(buttons.takeChanges() == [], "told once, not at every look")
    #expect(buttons.deadline == at(2200))

    try pad.plug()
    #expect(try turn(buttons, 2200) == [])
    #expect(buttons.takeChanges() == [DeviceChange(input: 0, error: nil)])
    #expect(buttons.deadline == nil)
    try pad.key(Self.star, 1)
    #expect(try turn(buttons, 2300) == ["+0@2300"])
  }

  @Test("a device that is absent at the start is no error: it is reported, and used when it appears")
  func missing() throws {
    let pad = try Pad()
    let buttons = try pad.panel()
    let error = ButtonError.noDevice(device: pad.path, SystemError("open", path: pad.path, code: ENOENT))
    #expect(buttons.takeChanges() == [DeviceChange(input: 0, error: error)])
    try pad.plug()
    _ = try turn(buttons, 500)
    try pad.key(Self.star, 1)
    #expect(try turn(buttons, 600) == ["+0@600"])
  }

  @Test("a device is found by the kernel's name, whatever its number")
  func byName() throws {
    let pad = try Pad()
    let classes = pad.directory + "/class"
    let devices = pad.directory + "/dev"
    for (event, name) in [("event3", "Power Button"), ("event7", "USB Keypad")] {
      try Files.makeDirectory("\(classes)/\(event)/device")
      try Files.create("\(classes)/\(event)/device/name", with: Array("\(name)\n".utf8))
    }
    try Files.makeDirectory(devices)
    try posix("symlink") { symlink(pad.directory, devices + "/input") }
    try pad.plug()
    let paths = KernelPaths(devices: devices, inputs: classes)
    let buttons = try pad.panel(name: "USB Keypad", paths)
    #expect(buttons.takeChanges() == [DeviceChange(input: 0, error: nil)])
    let other = try pad.panel(name: "USB Keyboard", paths)
    #expect(other.takeChanges().first?.error != nil)
    for path in ["class/event3/device", "class/event7/device"] {
      unlink("\(pad.directory)/\(path)/name")
      rmdir("\(pad.directory)/\(path)")
    }
    for path in ["class/event3", "class/event7", "class"] { rmdir("\(pad.directory)/\(path)") }
    unlink(devices + "/input")
    rmdir(devices)
  }

  @Test(
    "What is no input device is refused with what to do, and the loop does not spin on it",
    arguments: ["/dev/null", "/dev/zero", "/etc/hostname", "/tmp"])
  func strangers(path: String) throws {
    let pad = try Pad()
    let buttons = try pad.panel(device: path)
    let change = try #require(buttons.takeChanges().first)
    #expect(change.error?.description.contains("it is not an input device") == true, "\(change)")
    #expect(buttons.deadline == at(500))
    #expect(try turn(buttons, 499) == [])
  }

  @Test("a key that is down when its keyboard is plugged in gives no press, however often it repeats")
  func heldAtThePlug() throws {
    let pad = try Pad()
    try pad.plug()
    let buttons = try pad.panel()
    for _ in 0..<3 { try pad.key(Self.one, 2) }
    #expect(try turn(buttons, 100) == [])
    try pad.key(Self.one, 0)
    try pad.key(Self.one, 1)
    #expect(try turn(buttons, 200) == ["+1@200"])
  }

  @Test("after dropped events the levels are read")
  func dropped() throws {
    let pad = try Pad()
    try pad.plug()
    let buttons = try pad.panel()
    try pad.send(UInt16(EV_SYN), UInt16(SYN_DROPPED), 0)
    try pad.send(UInt16(EV_KEY), Self.one, 1)
    try pad.send(UInt16(EV_SYN), UInt16(SYN_REPORT), 0)
    #expect(try turn(buttons, 100) == [])
    try pad.key(Self.star, 1)
    #expect(try turn(buttons, 200) == ["+0@200"])
  }

  @Test("any bytes give levels, and never a crash", arguments: 0..<50)
  func strangeBytes(seed: Int) throws {
    let pad = try Pad()
    try pad.plug()
    let buttons = try pad.panel()
    var dice = Dice(seed)
    try pad.peer?.write(bytes: (0..<dice.roll(1...2000)).map { _ in UInt8.random(in: 0...255, using: &dice) })
    for now in 0..<20 { _ = try turn(buttons, 100 * now) }
  }
}

/// With an input device of the kernel, where root can create one.
@Suite("An input device of the kernel", .enabled(if: SimulatedKeyboard.isAvailable))
struct InputDeviceOfTheKernel {
  private func wait(_ buttons: ButtonPanel, for count: Int) throws -> [ButtonEvent] {
    let end = Monotonic.now.adding(milliseconds: 20_000)
    var events: [ButtonEvent] = []
    while events.count < count, Monotonic.now < end {
      var poll = Poll()
      buttons.register(in: &poll)
      try poll.wait(until: min(end, buttons.deadline ?? end))
      events += buttons.events(after: poll, now: .now)
    }
    return events
  }

  private func panel(_ keyboard: SimulatedKeyboard) throws -> ButtonPanel {
    let input = Board.Input(name: keyboard.name, keys: [.init(code: 79, button: .digit(1))])
    return try ButtonPanel(ButtonConfiguration(lines: [], inputs: [input], lockout: 0))
  }

  /// Waits until the device has been opened: its node can appear after its name.
  private func waitUntilThere(_ buttons: ButtonPanel) throws {
    let end = Monotonic.now.adding(milliseconds: 20_000)
    while buttons.deadline != nil, Monotonic.now < end {
      var poll = Poll()
      try poll.wait(until: buttons.deadline)
      _ = buttons.events(after: poll, now: .now)
    }
    _ = buttons.takeChanges()
  }

  @Test("a device is found by name and grabbed, its events have the kernel's time, and a second reader gets the reason")
  func grabbed() throws {
    let keyboard = try SimulatedKeyboard(keys: [79])
    let before = Monotonic.now
    let buttons = try panel(keyboard)
    try waitUntilThere(buttons)
    let second = try panel(keyboard)
    #expect(second.takeChanges().first?.error?.description.contains("another program has grabbed it") == true)
    try keyboard.key(79, 1)
    try keyboard.key(79, 0)
    let events = try wait(buttons, for: 2)
    #expect(events.map(\.kind) == [.pressed, .released])
    #expect(events.allSatisfy { $0.time > before && $0.time <= .now })
    #expect(second.heldSinceStart == [])
  }

  @Test("a device is unplugged with a key down, and plugged in again")
  func unplugged() throws {
    var keyboard: SimulatedKeyboard? = try SimulatedKeyboard(keys: [79])
    let buttons = try panel(try #require(keyboard))
    try waitUntilThere(buttons)
    try keyboard?.key(79, 1)
    #expect(try wait(buttons, for: 1).map(\.kind) == [.pressed])
    keyboard = nil
    #expect(try wait(buttons, for: 1).map(\.kind) == [.released])
    #expect(buttons.takeChanges().first?.error != nil)
    let again = try SimulatedKeyboard(keys: [79])
    try waitUntilThere(buttons)
    try again.key(79, 1)
    #expect(try wait(buttons, for: 1).map(\.kind) == [.pressed])
  }
}
