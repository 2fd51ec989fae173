"""What a model is shown, as numbers: one definition for environment, models and training data.

``feature_vector``  the features of an `Observation`
``feature_set``     `features`: a definition of one's own
``features_frame``  the features at every tick of games, with what happened after
"""
