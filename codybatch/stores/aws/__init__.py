"""The store on AWS: records in one DynamoDB table, objects in one S3 bucket.

What lives here: how records and objects are kept for processes on many machines at once.
What never does: the rules of leases, money and words, which all stores share (one folder up).
"""
