import Board
import Glibc
import Posix

/// A survey of the lines, input devices and LEDs of this machine, for people who look for a fault.
///
/// Each line, device and LED is opened for a moment and alone, so that one fault hides no other.
public struct Survey: Sendable {
  /// A GPIO chip, as one kernel interface exposes it.
  public struct Chip: Equatable, Sendable {
    /// `/sys/class/gpio/gpiochip512`, `/sys/class/gpio/chip0`, `/dev/gpiochip0`.
    public var path: String
    /// The label: `pinctrl-bcm2711`.
    public var label: String
    /// Number of lines.
    public var lines: Int
  }

  /// The result for one line of a board.
  public struct Line: Equatable, Sendable {
    /// How the line is read; nil where it is unavailable.
    public var access: LineAccess?
    /// Why it is read that way.
    public var reason: String
    /// Whether the button is down, although nobody should press it now.
    public var isDown: Bool
    /// Why the line is unavailable; nil where it is available.
    public var error: ButtonError?
  }

  private let paths: KernelPaths

  /// Creates a survey of a set of directories.
  public init(_ paths: KernelPaths) { self.paths = paths }

  /// Returns the GPIO chips of all kernel interfaces.
  public func chips() -> [Chip] {
    let finder = LineFinder(paths)
    return LineFinder.Interface.allCases.flatMap { interface -> [Chip] in
      guard case .success(let chips) = finder.chips(of: interface) else { return [] }
      return chips.chips.map { Chip(path: "\(chips.root)/\($0.directory)", label: $0.label, lines: $0.count) }
    }
  }

  /// Returns the input devices: the path of each event device, and the kernel's name of it.
  public func inputs() -> [(path: String, name: String)] {
    let events = ((try? Files.list(paths.inputs)) ?? []).filter { $0.hasPrefix("event") }
    return events.compactMap { event in
      guard let name = try? Sysfs.read("\(paths.inputs)/\(event)/device/name") else { return nil }
      return ("\(paths.devices)/input/\(event)", name)
    }
  }

  /// Returns the names of the LEDs that the kernel knows.
  public func leds() -> [String] { (try? Files.list(paths.leds)) ?? [] }

  /// Opens a line and reads it.
  public func line(_ line: Board.Line) -> Line {
    do throws(ButtonError) {
      let panel = try ButtonPanel(ButtonConfiguration(lines: [line], paths: paths))
      return Line(access: panel.access[0], reason: panel.accessReasons[0], isDown: panel.heldSinceStart == [0])
    } catch {
      return Line(reason: "", isDown: false, error: error)
    }
  }

  /// Opens an input device, and returns its path or why it is unavailable.
  public func input(_ input: Board.Input) -> Result<String, ButtonError> {
    do throws(ButtonError) {
      _ = try InputDevice(input, paths)
      return .success((try? InputDevice.path(of: input, paths)) ?? "")
    } catch { return .failure(error) }
  }

  /// Opens an LED, and returns why it does not work; nil where it does. The LED is dark afterwards, without a trigger.
  public func led(_ led: Board.LED) -> String? {
    var sequencer = LEDSequencer([led], paths)
    _ = sequencer.update(nil, at: .now)
    return sequencer.faults[0]
  }
}
