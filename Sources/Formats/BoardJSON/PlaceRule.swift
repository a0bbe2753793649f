import Board
import Encoding

extension Board {
  /// Validates what is printed on a button, and where it lies.
  static func validate(label: String?, place: Place?, _ key: String) throws(DocumentError) {
    if let label { try Rule.text(label, "\(key).label", length: Limits.label) }
    guard let place else { return }
    try Rule.range(place.row, "\(key).place.row", Limits.grid)
    try Rule.range(place.column, "\(key).place.column", Limits.grid)
    try Rule.range(place.rows, "\(key).place.rows", Limits.grid)
    try Rule.range(place.columns, "\(key).place.columns", Limits.grid)
  }

  /// Validates that no two buttons lie on one place.
  func validatePlaces() throws(DocumentError) {
    guard let place = sharedPlace else { return }
    throw DocumentError("place", "two buttons lie at row \(place.row), column \(place.column)")
  }
}
