import StudioAssets
import Web

/// The files of the page, which the program embeds.
package enum StudioFiles {
  /// All files, by their paths below the page's address.
  package static let all: [Asset] =
    UnsafeBufferPointer(start: fw_first_asset(), count: Int(fw_asset_count)).map { asset in
      Asset(
        path: String(cString: asset.path),
        bytes: Array(UnsafeBufferPointer(start: asset.bytes, count: Int(asset.count))))
    }
}
