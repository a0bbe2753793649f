/// The directories in which the kernel exposes its lines, devices and LEDs. Tests pass their own.
public struct KernelPaths: Equatable, Sendable {
  /// GPIO sysfs: `/sys/class/gpio`.
  public var gpio: String
  /// Device files: `/dev`, with `gpiochip0` and `input/event0`.
  public var devices: String
  /// Input devices: `/sys/class/input`, with `event0/device/name`.
  public var inputs: String
  /// LEDs: `/sys/class/leds`.
  public var leds: String

  /// Creates a set of directories; the defaults are those of a running system.
  public init(
    gpio: String = "/sys/class/gpio", devices: String = "/dev", inputs: String = "/sys/class/input",
    leds: String = "/sys/class/leds"
  ) {
    self.gpio = gpio
    self.devices = devices
    self.inputs = inputs
    self.leds = leds
  }
}
