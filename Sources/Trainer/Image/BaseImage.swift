import Diagnostics
import Encoding
import Glibc
import Kit
import Posix

/// A base image: the file for an SD card that `Hardware/image` builds, without board, kit and keys.
public struct BaseImage: Sendable {
  /// The path, as the user named it.
  public let path: String
  /// Its size in bytes.
  public let size: Int
  /// What it says of itself.
  public let description: BaseDescription
  /// The text of the description, as it stands in the image.
  let text: [UInt8]

  /// The lowest version of the programs in an image that this program puts kits into.
  static let oldest = "0.1.0"

  /// Opens an image and reads its description; the partitions are not read yet.
  ///
  /// - Throws: `.refused` for any other file, and for an image that this program cannot use.
  public init(_ path: String) throws(ImageError) {
    let file = try mapError(ImageError.system, FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK))
    let size = try mapError(ImageError.system, file.regularFileSize(path: path))
    let first = try mapError(ImageError.system, file.read(512, at: 0)) ?? []
    if let program = Self.packer(of: first) {
      throw .refused(path, "the image is packed", "unpack it first: \(program)")
    }
    let foreign = ImageError.refused(
      path, "this is no base image of Firstword", "build one by Hardware/image, or take the published one")
    guard let table = PartitionTable(first),
      let region = try mapError(
        ImageError.system, file.read(BaseDescription.limit, at: BaseDescription.offset)),
      region.first == UInt8(ascii: "{")
    else { throw foreign }
    self.path = path
    self.size = size
    text = Array(region.prefix { $0 != 0 })
    do throws(DocumentError) { description = try BaseDescription(json: text, size: size) } catch {
      if error.key == "format" {
        throw .refused(path, "\(error.why)", "use an image and a firstword of the same release")
      }
      throw .refused(path, "its description is damaged: \(error)", "copy the image again")
    }
    for partition in description.partitions {
      let entry = PartitionTable.Entry(number: partition.number, start: partition.start, size: partition.size)
      if !table.entries.contains(entry) {
        throw .refused(
          path, "partition \(partition.number) is not where its description says", "copy the image again")
      }
    }
    if let card = description.card {
      throw .refused(
        path, "it is a finished card, with the kit \(card.kit)", "begin with the base image, as it was published")
    }
    if VersionOrder(description.version) < VersionOrder(Self.oldest) {
      throw .refused(
        path, "the image is of version \(description.version), which is older than \(Self.oldest)",
        "use an image of this release")
    }
  }

  /// Returns the command that unpacks a packed file; nil for any other.
  private static func packer(of first: [UInt8]) -> String? {
    let signs: [(sign: [UInt8], command: String)] = [
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz -dk FILE"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd -d FILE"),
      ([0x1F, 0x8B], "gunzip -k FILE"), ([0x50, 0x4B, 3, 4], "unzip FILE"),
    ]
    return signs.first { first.starts(with: $0.sign) }?.command
  }

  /// The time that files of a card get, in seconds since 1970.
  var epoch: Int { description.epoch ?? 1_735_689_600 }

  /// The bytes that `verify` reads.
  var hashed: Int { description.partitions.reduce(0) { $0 + ($1.sha256 == nil ? 0 : $1.hashed) } }

  /// Verifies the content of all partitions in a copy of the image.
  ///
  /// - Parameter progress: gets the bytes done; throws to end the work.
  func verify(
    _ copy: borrowing FileDescriptor, progress: (Int) throws(ImageError) -> Void
  ) throws(ImageError) {
    var before = 0
    for partition in description.partitions {
      guard let hash = partition.sha256 else { continue }
      let found = try SparseFile.sha256(copy, path, from: partition.start, count: partition.hashed) {
        (done) throws(ImageError) in try progress(before + done)
      }
      if found != hash {
        throw .refused(
          path, "partition \(partition.number) is damaged: its SHA-256 is not the one in the image's description",
          "copy or download the image again")
      }
      before += partition.hashed
    }
  }
}
