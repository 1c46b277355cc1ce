"""Small images for recordings: PNGs of 16 by 16 pixels, grey and black, in Base64."""

PICTURES = {
    "picture": (
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAEUlEQVR42mNcwIAKmBhGtAAAu3AAwKl/3aYAAAAASUVORK5CYII="
    ),
    "mask": (
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAADUlEQVR42mNgGAXIAAABEAABf80DtQAAAABJRU5ErkJggg=="
    ),
}
