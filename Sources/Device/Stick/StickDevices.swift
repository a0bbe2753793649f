import Glibc
import Posix

/// The sticks that are plugged in.
public enum StickDevices {
  /// Returns the paths in /dev of all partitions on USB devices, and of USB devices without partitions, sorted.
  ///
  /// - Parameter root: the kernel's list of block devices, whose entries are links to the devices' own directories.
  public static func all(root: Path = "/sys/class/block") -> [String] {
    let names = (try? Files.list(root)) ?? []
    let places = names.map { name in (name: name, target: target(of: root.appending(name)) ?? "") }
    let usb = places.filter { $0.target.split(separator: "/").contains { $0.hasPrefix("usb") } }
    // A device with partitions is the parent of their directories.
    return usb.filter { place in !usb.contains { $0.target.hasPrefix("\(place.target)/") } }.map { "/dev/\($0.name)" }
  }

  /// Returns the other partitions of the device that a partition is on.
  ///
  /// - Parameter device: its path in /dev.
  public static func others(of device: String, root: Path = "/sys/class/block") -> [String] {
    let name = Path(device).lastComponent
    guard let parent = target(of: root.appending(name)).map({ Path($0).parent.string }) else { return [] }
    return ((try? Files.list(root)) ?? []).filter { other in
      other != name && target(of: root.appending(other)).map { Path($0).parent.string } == parent
        && Files.exists(root.appending("\(other)/partition"))
    }.map { "/dev/\($0)" }
  }

  /// Returns what a link says. readlink(2)
  private static func target(of link: Path) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(link.string, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }
}
