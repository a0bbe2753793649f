import Board
import CLinux
import Glibc
import Posix

/// Lines of one GPIO character device (uAPI v2). One descriptor reports the edges of all lines, with time stamps of the
/// kernel.
final class CharacterLines: ButtonSource {
  /// One line of the request.
  struct Line: Equatable, Sendable {
    /// Index of the button in the configuration.
    var index: Int
    /// Offset of the line on its chip.
    var offset: Int
    /// Label of the chip.
    var chip: String
    /// The level of a pressed button.
    var active: Board.ActiveLevel

    /// Whether a level of the wire means that the button is down.
    func isDown(_ isHigh: Bool) -> Bool { isHigh == (active == .high) }
  }

  /// Maximum number of lines in one request. GPIO_V2_LINES_MAX
  private static let maximumLines = 64

  let indices: [Int]
  private let lines: [Line]
  private let events: FileDescriptor
  private let readLevels: (CInt, UInt64) -> Result<UInt64, SystemError>
  private var reader = RecordReader<gpio_v2_line_event>()
  /// Sequence number of the last event, counted by the kernel from 1. A gap means that its buffer overflowed.
  private var lastEvent: UInt32 = 0
  private var place: Int?

  /// Creates a source on an open request.
  ///
  /// - Parameters:
  ///   - lines: the lines of the request, in its order.
  ///   - events: a non-blocking descriptor that delivers `struct gpio_v2_line_event`. It is closed with the source.
  ///   - readLevels: reads the levels of the wires that a mask selects; bit n belongs to the nth line.
  init(
    _ lines: [Line], events: consuming FileDescriptor,
    readLevels: @escaping (CInt, UInt64) -> Result<UInt64, SystemError> = CharacterLines.readLevels
  ) {
    self.lines = lines
    indices = lines.map(\.index)
    self.events = events
    self.readLevels = readLevels
  }

  /// Requests lines of a chip as inputs with both edges. GPIO_V2_GET_LINE_IOCTL
  ///
  /// - Parameters:
  ///   - lines: lines of one chip, at most 64.
  ///   - device: the path of the chip's character device.
  ///   - bias: the bias to set; nil leaves it.
  ///   - debounce: milliseconds of debounce in the kernel, 0 for none.
  /// - Throws: `ButtonError.busy` or `.setUp` for the line that the kernel refused.
  static func request(
    _ lines: [Line], from device: String, bias: Board.Bias?, debounce: Int
  ) throws(ButtonError) -> CharacterLines {
    var flags = GPIO_V2_LINE_FLAG_INPUT.rawValue | GPIO_V2_LINE_FLAG_EDGE_RISING.rawValue
    flags |= GPIO_V2_LINE_FLAG_EDGE_FALLING.rawValue
    switch bias {
    case nil: break
    case .up: flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP.rawValue
    case .down: flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN.rawValue
    case .off: flags |= GPIO_V2_LINE_FLAG_BIAS_DISABLED.rawValue
    }
    let offsets = lines.map { UInt32($0.offset) }
    do throws(SystemError) {
      guard lines.count <= maximumLines else { throw SystemError("request so many lines of one chip", code: E2BIG) }
      let chip = try FileDescriptor(opening: device, O_RDWR)
      let raw = chip.raw
      let events = FileDescriptor(
        owning: try posix("request the line", path: device) {
          fw_gpio_request(raw, offsets, UInt32(offsets.count), UInt64(flags), UInt32(debounce * 1000), 0, "firstword")
        })
      let own = events.raw
      try posix("fcntl", path: device) { fcntl(own, F_SETFL, O_NONBLOCK) }
      return CharacterLines(lines, events: events)
    } catch {
      // The kernel does not say which line it refused: request each alone, and the refused one throws.
      if lines.count > 1 { for line in lines { _ = try request([line], from: device, bias: bias, debounce: debounce) } }
      let line = lines[0]
      // A line that is exported in sysfs is busy too, even where the program that exported it has ended.
      throw error.code == EBUSY
        ? .busy(chip: line.chip, line: line.offset)
        : .setUp(chip: line.chip, line: line.offset, error)
    }
  }

  /// Reads the levels of lines. GPIO_V2_LINE_GET_VALUES_IOCTL
  static func readLevels(_ descriptor: CInt, _ mask: UInt64) -> Result<UInt64, SystemError> {
    var levels: UInt64 = 0
    do throws(SystemError) {
      try posix("read levels") { fw_gpio_levels(descriptor, mask, &levels) }
      return .success(levels)
    } catch { return .failure(error) }
  }

  // MARK: ButtonSource

  func access(of index: Int) -> LineAccess { .character }

  func register(in poll: inout Poll) { place = poll.add(events.raw, events: POLLIN) }

  var deadline: Monotonic? { nil }

  func readings(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonReading] {
    guard let place, poll.answer(place) != 0 else { return [] }
    var readings: [ButtonReading] = []
    var isGap = false
    for event in try read() {
      isGap = isGap || event.seqno != lastEvent &+ 1
      lastEvent = event.seqno
      guard let line = lines.first(where: { $0.offset == Int(event.offset) }) else { continue }
      let isHigh = event.id == GPIO_V2_LINE_EVENT_RISING_EDGE.rawValue
      let time = Monotonic(nanoseconds: Int64(clamping: event.timestamp_ns))
      readings.append(ButtonReading(index: line.index, isDown: line.isDown(isHigh), time: min(time, now)))
    }
    if isGap {
      // Edges were dropped: read the current levels, so that the last state is right.
      for line in lines {
        if let isDown = try isDown(at: line.index) {
          readings.append(ButtonReading(index: line.index, isDown: isDown, time: now))
        }
      }
    }
    return readings
  }

  func isDown(at index: Int) throws(ButtonError) -> Bool? {
    guard let bit = lines.firstIndex(where: { $0.index == index }) else { return nil }
    do throws(SystemError) {
      let isHigh = try readLevels(events.raw, 1 << UInt64(bit)).get() >> UInt64(bit) & 1 == 1
      return lines[bit].isDown(isHigh)
    } catch {
      throw .lost(chip: lines[bit].chip, line: lines[bit].offset, error)
    }
  }

  private func read() throws(ButtonError) -> [gpio_v2_line_event] {
    do throws(SystemError) {
      return try reader.read(events)
    } catch {
      throw .lost(chip: lines[0].chip, line: lines[0].offset, error)
    }
  }
}
