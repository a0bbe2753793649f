import Board
import Encoding

extension Board {
  /// Validates what is printed on a button, and where it lies.
  static func validate(label: String?, place: Place?, _ key: String) throws(DocumentError) {
    if let label {
      try Rule.text(label, "\(key).label", needed: true)
      if label.count > Place.label.upperBound {
        throw DocumentError("\(key).label", "is longer than \(Place.label.upperBound) characters")
      }
    }
    guard let place else { return }
    try Rule.range(place.row, "\(key).place.row", Place.grid)
    try Rule.range(place.column, "\(key).place.column", Place.grid)
    try Rule.range(place.rows, "\(key).place.rows", Place.grid)
    try Rule.range(place.columns, "\(key).place.columns", Place.grid)
  }

  /// Validates that no two buttons lie on one place.
  func validatePlaces() throws(DocumentError) {
    guard let place = sharedPlace else { return }
    throw DocumentError("place", "two buttons lie at row \(place.row), column \(place.column)")
  }
}
