/// The kernel's state of a LED.
///
/// A LED starts with a trigger of its own, as that of a Raspberry Pi with `mmc0`.
struct SysfsLED: Sendable {
  /// The triggers that the LED accepts.
  static let triggers = ["none", "timer", "heartbeat", "mmc0"]
  /// The value of `max_brightness`.
  static let maximum = 255

  /// The value of `brightness`.
  private(set) var brightness = 0
  /// The current trigger.
  private(set) var trigger = "mmc0"
  /// Number of changes of the brightness, plus 1: an open file that was never read has seen 0.
  private(set) var changes: UInt64 = 1

  /// Sets the brightness. 0 removes the trigger, as in the kernel; other values have no effect while a trigger is set.
  mutating func set(brightness value: Int) {
    if value == 0 { trigger = "none" }
    if trigger == "none" { apply(min(value, Self.maximum)) }
  }

  /// Sets the trigger; `none` turns the LED off.
  mutating func set(trigger name: String) {
    trigger = name
    if name == "none" { apply(0) }
  }

  private mutating func apply(_ value: Int) {
    if value != brightness { changes += 1 }
    brightness = value
  }
}
