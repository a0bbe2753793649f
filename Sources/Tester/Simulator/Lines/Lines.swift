import Glibc
import Posix
import Synchronization

/// Simulated GPIO lines: a directory that behaves like the kernel's `/sys/class/gpio`, and files that drive the lines.
///
///     DIR/gpio/          the tree: export, unexport, gpiochip512/{base,label,ngpio}, gpio517/{value,edge,…}
///     DIR/leds/          as `/sys/class/leds`: NAME/{brightness,max_brightness,trigger}, where LEDs are configured
///     DIR/drive/5        the level of line 5: write 0 or 1 (or a burst such as 0101), or read it
///     DIR/drive/NAME     the brightness of a LED, read-only
///
/// For an output, `drive/5` reads the level that the program drives, so a test can observe a LED. poll(2) for POLLPRI
/// on it returns each time the line's level, or the LED, has changed.
///
/// The directory is mounted through FUSE. Where FUSE is unavailable, plain files replace it (see ``kind``): they have
/// no `edge`, so programs poll them on a timer, and `export` does nothing, because every line is exported from the
/// start. All methods may be called from any thread.
public final class Lines: Sendable {
  /// The level of a line.
  public enum Level: UInt8, Sendable { case low, high }

  /// How the lines are implemented.
  public enum Kind: Sendable {
    /// By a FUSE file system, with edges.
    case mounted
    /// By plain files, without edges.
    case plainFiles
  }

  /// Something that a program can light.
  public enum Lamp: Hashable, Sendable {
    /// A LED, by its name.
    case led(String)
    /// An output line, by its offset on the chip.
    case line(Int)
  }

  /// A change of a lamp. An output counts as lit while it is high.
  public struct LampChange: Equatable, Sendable {
    /// The lamp.
    public let lamp: Lamp
    /// Whether it is lit from then on.
    public let isLit: Bool
    /// When it changed.
    public let time: Monotonic
  }

  /// How the lines are implemented.
  public let kind: Kind
  /// Absolute path of the directory.
  public let directory: String
  /// The simulated chip.
  public let configuration: LinesConfiguration

  private let implementation: Implementation
  private enum Implementation: Sendable {
    case mounted(SysfsServer, FUSEMount)
    case plainFiles(PlainFileTree)
  }
  /// Whether the directory was created for the lines and is removed with them.
  private let ownsDirectory: Bool
  private let isUnmounted = Mutex(false)

  /// Path of the directory that replaces `/sys/class/gpio`.
  public var gpioRoot: String { directory + "/gpio" }
  /// Path of the directory that replaces `/sys/class/leds`.
  public var ledRoot: String { directory + "/leds" }

  /// Creates simulated lines in a directory. First removes what a killed run left there.
  ///
  /// - Parameters:
  ///   - directory: path of the directory, which is created if it does not exist, and must be empty if it does.
  ///   - configuration: the simulated chip.
  ///   - kind: `nil` mounts a file system if possible, and otherwise creates plain files and warns on standard error.
  public static func start(
    mountedAt directory: String, _ configuration: LinesConfiguration = LinesConfiguration(), as kind: Kind? = nil
  ) throws(LinesError) -> Lines {
    if let fault = configuration.fault { throw .configuration(fault) }
    switch kind {
    case .mounted: return try Lines(mounting: configuration, at: directory)
    case .plainFiles: return try Lines(laying: configuration, at: directory)
    case nil:
      do throws(LinesError) {
        return try Lines(mounting: configuration, at: directory)
      } catch {
        switch error {
        case .unavailable, .mount: break
        default: throw error
        }
        let lines = try Lines(laying: configuration, at: directory)
        let warning =
          "WARNING: \(error)\nWARNING: using plain files at \(lines.directory): no edges, timed polls only\n"
        _ = write(STDERR_FILENO, warning, warning.utf8.count)
        return lines
      }
    }
  }

  private init(mounting configuration: LinesConfiguration, at directory: String) throws(LinesError) {
    if let reason = Self.unavailable { throw .unavailable(reason: reason) }
    let place = try MountPoint(directory)
    let server = SysfsServer(configuration)
    do throws(LinesError) {
      implementation = .mounted(server, try FUSEMount(server, at: place.path))
    } catch {
      place.remove()
      throw error
    }
    kind = .mounted
    self.directory = place.path
    ownsDirectory = place.isNew
    self.configuration = configuration
  }

  private init(laying configuration: LinesConfiguration, at directory: String) throws(LinesError) {
    let place = try MountPoint(directory)
    do throws(LinesError) {
      implementation = .plainFiles(try PlainFileTree(configuration, at: place.path))
    } catch {
      place.remove()
      throw error
    }
    kind = .plainFiles
    self.directory = place.path
    ownsDirectory = place.isNew
    self.configuration = configuration
  }

  deinit { unmount() }

  /// Drives a line to levels, one after the other, as a button's contact does.
  ///
  /// An output keeps the program's level, and takes this one when it becomes an input again.
  ///
  /// - Parameter line: offset on the chip.
  public func drive(_ line: Int, _ levels: Level...) throws(LinesError) { try drive(line, levels) }

  /// Drives a line to levels, one after the other.
  public func drive(_ line: Int, _ levels: [Level]) throws(LinesError) {
    try check(line)
    switch implementation {
    case .mounted(let server, _): server.drive(line, levels)
    case .plainFiles(let files): try files.drive(line, levels)
    }
  }

  /// Returns the level of a line.
  public func level(of line: Int) throws(LinesError) -> Level {
    try check(line)
    switch implementation {
    case .mounted(let server, _): return server.level(of: line)
    case .plainFiles(let files): return try files.level(of: line)
    }
  }

  /// All changes of lamps by programs since the start, in order; always empty for plain files.
  public var lampChanges: [LampChange] {
    switch implementation {
    case .mounted(let server, _): server.lampChanges
    case .plainFiles: []
    }
  }

  private func check(_ line: Int) throws(LinesError) {
    guard (0..<configuration.count).contains(line) else { throw .noSuchLine(line, count: configuration.count) }
    if isUnmounted.withLock({ $0 }) { throw .ended(path: directory) }
  }

  /// A descriptor that is readable (POLLIN) once the directory is unmounted, by this program or another; `nil` for
  /// plain files. Valid as long as this value.
  public var endDescriptor: CInt? {
    switch implementation {
    case .mounted(_, let mount): mount.descriptor
    case .plainFiles: nil
    }
  }

  /// Removes the lines, and the directory if it was created for them. Open files return ENOTCONN from then on. Later
  /// calls do nothing.
  public func unmount() {
    isUnmounted.withLock { isUnmounted in
      if isUnmounted { return }
      isUnmounted = true
      switch implementation {
      case .mounted(_, let mount): mount.end()
      case .plainFiles(let files): files.remove()
      }
      if ownsDirectory { _ = rmdir(directory) }
    }
  }
}
