import Glibc
import Posix

/// What there is to press and to light on this machine, and how the lines of a board would be read: for people who
/// look for a fault. Each line, device and LED is opened for a moment, alone, so that one fault hides no other.
public struct Survey: Sendable {
  /// A GPIO chip through one of the kernel's interfaces.
  public struct Chip: Equatable, Sendable {
    /// `/sys/class/gpio/gpiochip512`, `/sys/class/gpio/chip0`, `/dev/gpiochip0`
    public var path: String
    public var label: String
    public var lines: Int
  }

  public struct Line: Equatable, Sendable {
    public var access: LineAccess?
    public var why: String
    /// It is down though nobody was asked to press it.
    public var isDown: Bool
    public var error: ButtonError?
  }

  private let places: KernelPlaces

  public init(_ places: KernelPlaces) { self.places = places }

  public func chips() -> [Chip] {
    let finder = LineFinder(places)
    return LineFinder.Interface.allCases.flatMap { interface -> [Chip] in
      guard case .success(let chips) = finder.chips(of: interface) else { return [] }
      return chips.chips.map { Chip(path: "\(chips.root)/\($0.directory)", label: $0.label, lines: $0.count) }
    }
  }

  /// Input devices by the kernel's names, with their event devices.
  public func inputs() -> [(path: String, name: String)] {
    let events = ((try? Files.list(places.inputs)) ?? []).filter { $0.hasPrefix("event") }
    return events.compactMap { event in
      guard let name = try? Sysfs.read("\(places.inputs)/\(event)/device/name") else { return nil }
      return ("\(places.devices)/input/\(event)", name)
    }
  }

  /// Names of the LEDs that the kernel knows.
  public func leds() -> [String] { (try? Files.list(places.leds)) ?? [] }

  public func line(_ line: LineConfiguration) -> Line {
    do throws(ButtonError) {
      let panel = try ButtonPanel(ButtonConfiguration(lines: [line], places: places))
      return Line(access: panel.access[0], why: panel.why[0], isDown: panel.held == [0])
    } catch {
      return Line(why: "", isDown: false, error: error)
    }
  }

  /// Where the device is, or why it is not to be had.
  public func input(_ device: InputConfiguration.Device) -> Result<String, ButtonError> {
    do throws(ButtonError) {
      _ = try InputDevice(device, places)
      return .success((try? InputDevice.path(of: device, places)) ?? "")
    } catch { return .failure(error) }
  }

  /// Why a LED does not shine; `nil` for one that does. It is dark afterwards, and its trigger is gone.
  public func led(_ led: LEDConfiguration) -> String? {
    var show = Show([led], places)
    _ = show.turn(.off, at: .now)
    return show.faults[0]
  }
}
