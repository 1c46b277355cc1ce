"""Files and pictures: opened, recognised, decoded, validated."""
